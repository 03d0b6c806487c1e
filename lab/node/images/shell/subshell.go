package shell

import (
	"context"
	"maps"
	"slices"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// child is a subshell in a process of its own, which runs one command.
type child struct {
	vars   map[string]expand.Variable
	dir    string
	params []string
	funcs  map[string]*syntax.Stmt
	text   string // of the command
	shell  shell  // what else it inherits
}

// subshell copies what a fork would. line is where the command stands.
func (sh *shell) subshell(hc interp.HandlerContext, text string, line int) *child {
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
		funcs: maps.Clone(sh.runner.Funcs), text: text,
		shell: shell{
			name: sh.name, script: sh.script, line: sh.line + line - 1, options: slices.Clone(sh.options),
			pipefail: sh.pipefail, pid: sh.pid, background: sh.background, noClobber: sh.noClobber,
		},
	}
}

func (c *child) run(ctx context.Context, p *sandbox.Process) int {
	sh := &c.shell
	sh.p = p
	sh.adopt()
	return sh.live(ctx, func() int {
		file, err := sh.parse(ctx, c.text)
		if err == nil && len(file.Stmts) == 1 {
			_, simple := file.Stmts[0].Cmd.(*syntax.CallExpr)
			sh.single = simple && !file.Stmts[0].Negated
		}
		if err == nil {
			err = sh.start(c.vars, c.dir, c.params, c.funcs)
		}
		if err != nil {
			sh.complain(err)
			return 2
		}
		code := 0
		for _, st := range file.Stmts {
			code = sh.status(ctx, sh.runner.Run(ctx, st))
		}
		return code
	})
}
