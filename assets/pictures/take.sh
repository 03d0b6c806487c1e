#!/bin/sh
# Takes the READMEs' pictures from the real program: walks a console through both labs in a tmux of its own, with a home of
# its own, and turns its screens into SVG. Takes about two minutes and needs tmux.
#
#   assets/pictures/take.sh HEALTHLAB SCREENSHOT [DIRECTORY]
#
# HEALTHLAB and SCREENSHOT are the built programs; DIRECTORY is where the pictures go (default: beside this script).
set -eu

command -v tmux >/dev/null || {
	echo "take.sh: tmux is missing; install it (for example: apt install tmux) and run this again" >&2
	exit 1
}
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
healthlab=$(absolute "$1")
screenshot=$(absolute "$2")
pictures=$(cd "${3:-$(dirname "$0")}" && pwd)

home=$(mktemp -d "${TMPDIR:-/tmp}/healthlab-pictures.XXXXXX")
tmux() { command tmux -S "$home/tmux" -f /dev/null "$@"; }
# The console gets the chance to end in good order: it takes its cluster down.
finish() {
	tmux send-keys -t console q 2>/dev/null && for _ in 1 2 3 4 5 6 7 8 9 10; do
		tmux has-session -t console 2>/dev/null || break
		sleep 0.5
	done
	tmux kill-server 2>/dev/null || true
	rm -rf "$home"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

env -u TMUX -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u KUBECONFIG -u NO_COLOR HOME="$home" \
	tmux -S "$home/tmux" -f /dev/null new-session -d -s console -x 120 -y 40 \
	"exec env -u TMUX TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8 \
		'$healthlab' --lab liveness --lang en --theme dark"
tmux set-option -g status off
tmux set-option -g window-size manual

press() { tmux send-keys -t console "$@"; }

# await waits until the screen shows a pattern, at most so many seconds.
await() {
	left=$(($2 * 4))
	until tmux capture-pane -p -t console | grep -q -- "$1"; do
		left=$((left - 1))
		if [ "$left" -le 0 ]; then
			echo "take.sh: after $2 s the screen still does not show '$1':" >&2
			tmux capture-pane -p -t console >&2
			exit 1
		fi
		sleep 0.25
	done
}

# take takes a picture: name, columns, rows, and flags of screenshot.
take() {
	name=$1 columns=$2 rows=$3
	shift 3
	tmux resize-window -t console -x "$columns" -y "$rows"
	sleep 1
	tmux capture-pane -p -e -t console | "$screenshot" -width "$columns" -height "$rows" "$@" >"$home/$name"
	mv "$home/$name" "$pictures/$name"
	echo "$pictures/$name"
}

# language switches between English and Korean.
language() { press l && sleep 0.5; }

# step goes to the next step and waits for the header to say so: news may name the step before the keys refer to it.
step() {
	press n
	await "$1" 10
}

await 'Prepare the manifest' 20
await 'v1\.37' 60
press r
await 'Step complete' 20
step 'Liveness probe step 2/7'
press r
await 'Step complete' 30
step 'Liveness probe step 3/7'
step 'Liveness probe step 4/7'
sleep 16 # some successes for the strips
press r
await 'At the moment of the third' 10
press 3
await 'And how many seconds' 10
press 41-46 Enter
await 'Step complete' 60
step 'Liveness probe step 5/7'
sleep 4
take console.svg 120 40
language
take console.ko.svg 120 40
language
take small.svg 80 24
tmux resize-window -t console -x 120 -y 40

# The readiness lab does not wait for the restart.
step 'Liveness probe step 6/7'
step 'Liveness probe step 7/7'
step 'Readiness probe step 1/7'
press r
await 'Step complete' 20
step 'Readiness probe step 2/7'
press r
await 'Step complete' 60
step 'Readiness probe step 3/7'
step 'Readiness probe step 4/7'
sleep 8
press r
await 'What happens' 10
press 2
await 'And how many seconds' 10
press 6-9 Enter
await 'Step complete' 60
sleep 4
take readiness.svg 120 40
language
take readiness.ko.svg 120 40
language
press t # to the light theme
sleep 0.5
press p
take presenter.svg 120 40 -ink '#1d232b' -paper '#fcfcfa'
