# Waits until healthlab's end of the pipe closes. If the only line does not say that healthlab has ended, it has died:
# bring the terminal back to a usable state and say so: $2 after a crash whose report is in the file $1, $3 after a kill.
# Where it has ended but its last output may not have reached the terminal, only bring that back.
trap '' INT TERM HUP QUIT TTOU TTIN PIPE
umask 077
report=$1
IFS= read -r first
[ "$first" = healthlab-ended-well ] && exit 0
# Off: mouse, focus, bracketed paste, keyboard enhancements, synchronized output, alternate screen. On: the cursor.
printf '\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?1004l\033[?2004l\033[?2026l\033[?2027l\033[>4;0m\033[<u\033[?1049l\033[?25h\033[0m\r\n'
[ "$first" = healthlab-lost-output ] && exit 0
stty sane </dev/tty
if [ -z "$first" ]; then
	printf '%s\r\n' "$3"
elif { printf '%s\n' "$first" && cat; } 2>/dev/null >"$report"; then
	printf '%s\r\n' "$2"
else # the disk is full
	printf '%s\r\n' "$first"
fi >&2
