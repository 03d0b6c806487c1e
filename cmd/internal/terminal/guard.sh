# Waits until healthlab's end of the pipe closes. If the last line does not say that all is well, healthlab has died:
# bring the terminal back to a usable state and say so: $2 after a crash whose report is in the file $1, $3 after a kill.
trap '' INT TERM HUP QUIT TTOU TTIN PIPE
umask 077
report=$1
cat >"$report"
if [ "$(tail -n 1 "$report")" = healthlab-ended-well ]; then
	rm -f "$report"
	exit 0
fi
# Off: mouse, focus, bracketed paste, keyboard enhancements, synchronized output, alternate screen. On: the cursor.
printf '\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?1004l\033[?2004l\033[?2026l\033[?2027l\033[>4;0m\033[<u\033[?1049l\033[?25h\033[0m\r\n'
stty sane </dev/tty
if [ -s "$report" ]; then
	printf '%s\r\n' "$2"
else
	rm -f "$report"
	printf '%s\r\n' "$3"
fi >&2
