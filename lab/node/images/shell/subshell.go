package shell

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// child is a subshell in a process of its own, which runs one statement.
type child struct {
	vars   map[string]expand.Variable
	dir    string
	params []string
	funcs  map[string]*syntax.Stmt
	stmt   *syntax.Stmt
	shell  shell // what else it inherits
}

// subshell copies what a fork would.
func (sh *shell) subshell(hc interp.HandlerContext, stmt *syntax.Stmt) *child {
	vars := map[string]expand.Variable{}
	hc.Env.Each(func(name string, v expand.Variable) bool {
		if v.IsSet() {
			vars[name] = v
		} else {
			delete(vars, name)
		}
		return true
	})
	return &child{
		vars: vars, dir: containerPath(hc.Dir), params: slices.Clone(sh.runner.Params),
		funcs: maps.Clone(sh.runner.Funcs), stmt: stmt,
		shell: shell{
			parts: sh.parts, name: sh.name, script: sh.script, options: slices.Clone(sh.options), pid: sh.pid,
			background: sh.background,
		},
	}
}

func (c *child) run(ctx context.Context, p *sandbox.Process) int {
	sh := &c.shell
	sh.p = p
	_, simple := c.stmt.Cmd.(*syntax.CallExpr)
	sh.single = simple && !c.stmt.Negated
	if err := sh.start(c.vars, c.dir, c.params, c.funcs); err != nil {
		fmt.Fprintf(p.Stderr, "sh: %v\n", err)
		return 2
	}
	return sh.status(ctx, sh.runner.Run(ctx, c.stmt))
}
