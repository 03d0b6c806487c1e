package session

import (
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/script"
)

// job is one thing that a task carries out: a kubectl command, a manifest to write, or objects to adopt.
type job struct {
	title    lab.Text
	line     string // as shown
	args     []string
	grep     string
	tolerate []string // status reasons that count as success
	typed    bool     // by the user, who needs no guard rails
	write    string   // name of a manifest
	adopt    []lab.ForeignObject
	dress    dress // for the manifest
}

// plan prepares the commands of a step. It fails for the first that cannot be carried out, so that nothing is left half
// done for want of a pod or a confirmation.
func plan(step lab.Step, vars script.Vars, confirmed bool) ([]job, error) {
	var jobs []job
	for _, command := range step.Commands {
		if !command.Confirm.IsZero() && !confirmed {
			return nil, &lab.Error{Msg: lab.Text{
				Ko: "먼저 확인이 필요합니다: " + command.Confirm.Ko, En: "this has to be confirmed first: " + command.Confirm.En,
			}}
		}
		if command.Write != "" {
			line, err := script.Expand(command.Line, vars)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, job{title: step.Title, line: line, write: command.Write})
			continue
		}
		j, err := kubectl(step.Title, command.Line, vars)
		if err != nil {
			return nil, err
		}
		if command.Tolerate != "" {
			j.tolerate = append(j.tolerate, command.Tolerate)
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// allowNamespace lets a refused `kubectl create namespace` pass: whoever has rights in a namespace only cannot create it,
// and need not.
func allowNamespace(jobs []job) {
	for i, j := range jobs {
		if len(j.args) > 2 && j.args[0] == "create" && (j.args[1] == "namespace" || j.args[1] == "ns") {
			jobs[i].tolerate = append(j.tolerate, "Forbidden")
		}
	}
}

// kubectl prepares one kubectl command line.
func kubectl(title lab.Text, line string, vars script.Vars) (job, error) {
	line, err := script.Expand(line, vars)
	if err != nil {
		return job{}, err
	}
	words, grep, err := script.Split(line)
	if err != nil {
		return job{}, err
	}
	if len(words) == 0 || words[0] != "kubectl" {
		return job{}, refuse("kubectl 명령만 실행할 수 있습니다: %s", "only kubectl commands can be run: %s", line)
	}
	return job{title: title, line: line, args: words[1:], grep: grep}, nil
}

// applied lists the manifests of a lab that a step's commands apply.
func applied(l lab.Lab, step lab.Step) []string {
	var names []string
	for _, name := range l.Manifests {
		if slices.ContainsFunc(step.Commands, func(c lab.Command) bool {
			return c.Write == "" && slices.Contains(strings.Fields(c.Line), "{dir}/"+name)
		}) {
			names = append(names, name)
		}
	}
	return names
}
