package session

import (
	"slices"

	"healthlab/lab"
	"healthlab/lab/course"
)

// job is one thing that a task carries out: a kubectl command, a manifest to write, or objects to adopt.
type job struct {
	action   lab.Action       // that it is for
	of       *lab.StepCommand // which command of a step it is; nil for none
	title    lab.Text
	line     string // as shown
	args     []string
	grep     string
	tolerate []string // status reasons that count as success
	typed    bool     // by the user, who needs no guard rails
	write    string   // name of a manifest
	adopt    []lab.ForeignObject
	variant  variant // for the manifest
}

// vars are the values for command lines: to carry out, and to show.
type vars struct{ real, shown course.Vars }

// stepJobs prepares the commands of a step. It fails for the first that cannot be carried out, so that nothing is left half
// done for want of a pod or a confirmation.
func stepJobs(labID string, step lab.Step, v vars, a lab.RunStep) ([]job, error) {
	var jobs []job
	for i, command := range step.Commands {
		if !command.Confirm.IsZero() && !a.Confirmed {
			return nil, lab.Errorf(nil, "먼저 확인이 필요합니다: %s", "this must be confirmed first: %s", command.Confirm)
		}
		j := job{title: step.Title, line: course.ShownCommand(command, v.shown), write: command.Write}
		if command.Write == "" {
			var err error
			if j, err = kubectl(step.Title, command.Line, v); err != nil {
				return nil, err
			}
		}
		if command.Tolerate != "" {
			j.tolerate = append(j.tolerate, command.Tolerate)
		}
		j.action, j.of = a, &lab.StepCommand{Lab: labID, Step: step.ID, Index: i}
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
func kubectl(title lab.Text, line string, v vars) (job, error) {
	real, err := course.Expand(line, v.real)
	if err != nil {
		return job{}, err
	}
	words, grep, err := course.Split(real)
	if err != nil {
		return job{}, err
	}
	if words[0] != "kubectl" {
		return job{}, lab.Errorf(nil, "kubectl 명령만 실행할 수 있습니다: %s", "only kubectl commands can be run: %s", real)
	}
	return job{title: title, line: course.Shown(line, v.shown), args: words[1:], grep: grep}, nil
}

// applied lists the manifests of a lab that a step's commands apply.
func applied(l lab.Lab, step lab.Step) []string {
	var names []string
	for _, name := range l.Manifests {
		if slices.ContainsFunc(step.Commands, func(c lab.Command) bool {
			words, _, err := course.Split(c.Line)
			return c.Write == "" && err == nil && slices.Contains(words, "{dir}/"+name)
		}) {
			names = append(names, name)
		}
	}
	return names
}
