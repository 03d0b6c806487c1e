package tools

import (
	"context"
	"io"
	"strings"

	"healthlab/lab/node/sandbox"
)

// pager is less and more. On a terminal it shows a page and waits for Enter; q and Enter end it. Otherwise it is cat.
func pager(ctx context.Context, p *sandbox.Process) int {
	letters := "EFIMmNSRh~"
	if name(p) == "more" {
		letters = ""
	}
	_, names, ok := optionSpec{letters: letters}.parse(p)
	if !ok {
		return 1
	}
	if len(names) == 0 && p.Terminal() != nil && p.Stdin == io.Reader(p.Terminal()) {
		return failf(p, "missing filename")
	}
	if !p.OnTerminal() {
		return inputs(p, names, func(_ string, r io.Reader) error { return copyStream(ctx, p.Stdout, r) })
	}
	height := max(int(p.Terminal().Size().Rows)-1, 2)
	shown := 0
	return inputs(p, names, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line []byte) bool {
			if shown == height {
				answer, err := p.Terminal().ReadLine(ctx, "--More-- ")
				if err != nil || strings.HasPrefix(strings.TrimSpace(answer), "q") {
					return false
				}
				shown = 0
			}
			shown++
			return writeLine(p.Stdout, line)
		})
	})
}

// vi is refused, with what to use instead.
func vi(_ context.Context, p *sandbox.Process) int {
	_, _, ok := optionSpec{letters: "c:RH"}.parse(p)
	if !ok {
		return 1
	}
	return failf(p, "healthlab's containers have no editor: show a file with cat or less, change it with sed -i or cat >FILE <<X")
}
