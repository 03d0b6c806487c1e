package tools

import (
	"context"
	"fmt"
	"strings"

	"healthlab/lab/node/sandbox"
)

func ps(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, "PID   USER     TIME  COMMAND")
	for _, info := range p.Processes() {
		fmt.Fprintf(p.Stdout, "%5d root      0:00 %s\n", info.PID, strings.Join(info.Args, " "))
	}
	return 0
}
