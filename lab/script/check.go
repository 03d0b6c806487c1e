package script

import (
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
)

// idPattern is what the IDs of labs, steps, goals and faults look like. IDs are parts of file names and of commands.
var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// maxCount bounds the numbers in checks: what a lab waits for must be possible.
const maxCount = 1000

// checker looks for mistakes in one decoded lab, in the order of the file.
type checker struct {
	*source
	lab       *lab.Lab
	manifests fs.FS
	goals     []string // the IDs of the goals so far
}

func (c *checker) check() {
	c.id(c.lab.ID, "id")
	c.text(c.lab.Title, "title")
	c.text(c.lab.Summary, "summary")
	for i, name := range c.lab.Manifests {
		if info, err := fs.Stat(c.manifests, name); err != nil || !info.Mode().IsRegular() || strings.Contains(name, "/") {
			c.report(c.at("manifests", i), lab.Textf("매니페스트 %q 파일이 없습니다", "there is no manifest %q", name))
		}
	}
	c.faults()
	if len(c.lab.Steps) == 0 {
		c.report(c.at("steps"), lab.T("실습에 단계(steps)가 없습니다. 하나 이상 적으십시오", "the lab has no steps: give at least one"))
	}
	seen := map[string]bool{}
	for i, step := range c.lab.Steps {
		if c.id(step.ID, "steps", i, "id"); seen[step.ID] && step.ID != "" {
			c.report(c.at("steps", i, "id"), lab.Textf("id가 %q인 단계가 이미 있습니다. 다른 id를 쓰십시오",
				"step %q is already defined: use another id", step.ID))
		}
		seen[step.ID] = true
		c.step(step, "steps", i)
	}
}

func (c *checker) step(step lab.Step, path ...any) {
	at := func(rest ...any) []any { return append(slices.Clone(path), rest...) }
	c.text(step.Title, at("title")...)
	if child(c.at(path...), "body") != nil {
		c.text(step.Body, at("body")...)
	}
	c.optional(step.Solution, at("solution")...)
	c.optional(step.Notes, at("notes")...)
	for i, hint := range step.Hints {
		c.text(hint, at("hints", i)...)
	}
	if step.Minutes < 0 || step.Minutes > 240 {
		c.report(c.at(at("minutes")...), lab.T("minutes는 0 이상 240 이하여야 합니다", "minutes must be from 0 to 240"))
	}
	if step.Fault != "" {
		if !slices.ContainsFunc(c.lab.Faults, func(f lab.Fault) bool { return f.ID == step.Fault }) {
			c.report(c.at(at("fault")...), lab.Textf("id가 %q인 장애가 faults에 없습니다", "fault %q is not defined under faults", step.Fault))
		}
		if len(step.Commands) > 0 {
			c.report(c.at(at("commands")...), lab.T("장애가 있는 단계에는 명령을 둘 수 없습니다. 명령을 다른 단계로 옮기십시오",
				"a step with a fault has no commands: move them to another step"))
		}
	}
	for i, command := range step.Commands {
		c.command(command, at("commands", i)...)
	}
	if step.Question != nil {
		c.question(*step.Question, at("question")...)
		c.timeQuestion(step, at("question", "time")...)
	}
	for i, goal := range step.Goals {
		c.goal(goal, at("goals", i)...)
	}
}

func (c *checker) faults() {
	seen := map[string]bool{}
	for i, fault := range c.lab.Faults {
		at := func(field string) []any { return []any{"faults", i, field} }
		if c.id(fault.ID, at("id")...); seen[fault.ID] && fault.ID != "" {
			c.report(c.at(at("id")...), lab.Textf("id가 %q인 장애가 이미 있습니다. 다른 id를 쓰십시오",
				"fault %q is already defined: use another id", fault.ID))
		}
		seen[fault.ID] = true
		c.text(fault.Title, at("title")...)
		c.text(fault.Effect, at("effect")...)
		c.line(fault.Line, at("line")...)
		if fault.Role != "" && !slices.Contains(lab.FaultRoles(), fault.Role) {
			c.report(c.at(at("role")...), lab.Textf("role이 %q입니다. %s 중 하나를 쓰거나 지우십시오", "the role is %q: use one of %s, or none",
				fault.Role, listed(lab.FaultRoles())))
		}
		c.responses(fault, at("")[:2]...)
		c.target(fault.Pod, fault.Selector, at("")[:2]...)
		if fault.Selector != "" && fault.Line != "" && !strings.Contains(fault.Line, "{pod}") {
			c.report(c.at(at("line")...), lab.T("selector로 고른 파드에 쓸 명령이므로 {pod}가 있어야 합니다",
				"the pods are chosen by selector, so the command must contain {pod}"))
		}
	}
}

// responses checks what a fault says of the app that it is done to.
func (c *checker) responses(fault lab.Fault, path ...any) {
	at := func(rest ...any) []any { return append(slices.Clone(path), rest...) }
	for _, kind := range []probes.Kind{probes.Startup, probes.Readiness, probes.Liveness} {
		if r := fault.Responds.To(kind); r != "" && !slices.Contains(probes.Responses(), r) {
			c.report(c.at(at("responds", string(kind))...), lab.Textf("%s에 대한 응답이 %q입니다. %s 중 하나를 쓰거나 지우십시오",
				"the response to the %s is %q: use one of %s, or none", lab.ProbeName(kind), r, listed(probes.Responses())))
		}
	}
	if fault.After != 0 {
		c.count(fault.After, 0, at("after")...)
	}
	if fault.Shutdown != nil {
		c.count(*fault.Shutdown, 0, at("shutdown")...)
	}
}

// listed is a list in a sentence.
func listed[T ~string](all []T) string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = string(one)
	}
	return strings.Join(names, ", ")
}

func (c *checker) command(command lab.Command, path ...any) {
	at := func(field string) []any { return append(slices.Clone(path), field) }
	switch {
	case command.Write == "":
		c.line(command.Line, at("line")...)
	case !slices.Contains(c.lab.Manifests, command.Write):
		c.report(c.at(at("write")...), lab.Textf("%q 파일이 이 실습의 manifests에 없습니다", "%q is not among the lab's manifests", command.Write))
	default:
		c.writes(command, path...)
	}
	switch metav1.StatusReason(command.Tolerate) {
	case "", metav1.StatusReasonAlreadyExists, metav1.StatusReasonNotFound, metav1.StatusReasonConflict:
	default:
		c.report(c.at(at("tolerate")...), lab.T("tolerate에는 AlreadyExists, NotFound, Conflict 중 하나만 쓸 수 있습니다",
			"tolerate must be one of AlreadyExists, NotFound, Conflict"))
	}
	c.optional(command.Confirm, at("confirm")...)
}

// writes checks a command that writes a manifest: typed by a student, with the manifest behind it, it must have the same effect.
func (c *checker) writes(command lab.Command, path ...any) {
	n := c.at(append(slices.Clone(path), "line")...)
	if _, ok := c.expand(command.Line, append(slices.Clone(path), "line")...); !ok {
		return
	}
	if end := "cat > {dir}/" + command.Write; !strings.HasSuffix(command.Line, end) {
		c.report(n, lab.Textf("%q 파일을 쓰는 명령은 %q(으)로 끝나야 합니다", "the command that writes %q must end with %q", command.Write, end))
	}
	for _, name := range []string{command.Write, "restricted/" + command.Write} {
		if manifest, err := fs.ReadFile(c.manifests, name); err == nil && !course.FitsHeredoc(string(manifest)) {
			c.report(n, lab.Textf("매니페스트 %q 파일은 줄바꿈으로 끝나야 하고, %s뿐인 줄이나 캐리지 리턴이 없어야 합니다",
				"the manifest %q must end with a line end, and have no line that is %s and no carriage return", name, course.HeredocEnd))
		}
	}
}

// line checks a command line that kubectl is to carry out.
func (c *checker) line(line string, path ...any) {
	n := c.at(path...)
	if strings.TrimSpace(line) == "" {
		c.report(n, lab.T("명령(line)이 없습니다", "the command (line) is missing"))
		return
	}
	expanded, ok := c.expand(line, path...)
	if !ok {
		return
	}
	argv, _, err := course.Split(expanded)
	if err != nil {
		c.refused(err, path...)
		return
	}
	if argv[0] != "kubectl" || len(argv) < 2 {
		c.report(n, lab.T("명령은 kubectl로 시작하고 그 뒤에 인수가 있어야 합니다", "the command must be kubectl with arguments"))
	}
	for _, word := range argv {
		if name, ok := strings.CutPrefix(word, sample.Dir+"/"); ok && !slices.Contains(c.lab.Manifests, name) {
			c.report(n, lab.Textf("%q 파일이 이 실습의 manifests에 없습니다", "%q is not among the lab's manifests", name))
		}
	}
}

// sample stands in for the values that only a session has.
var sample = course.Vars{Namespace: "healthchecks", Dir: "/sample/dir", Pod: "sample-pod"}

func (c *checker) expand(line string, path ...any) (string, bool) {
	expanded, err := course.Expand(line, sample)
	if err != nil {
		c.refused(err, path...)
	}
	return expanded, err == nil
}

// refused reports an error of Expand or Split.
func (c *checker) refused(err error, path ...any) {
	c.report(c.at(path...), lab.Brief(err))
}

func (c *checker) question(q lab.Question, path ...any) {
	at := func(rest ...any) []any { return append(slices.Clone(path), rest...) }
	c.text(q.Prompt, at("prompt")...)
	c.text(q.Because, at("because")...)
	if len(q.Options) < 2 || len(q.Options) > 4 {
		c.report(c.at(at("options")...), lab.T("보기(options)는 2개에서 4개까지입니다", "a question has 2 to 4 options"))
	}
	for i, option := range q.Options {
		c.text(option, at("options", i)...)
	}
	if q.Correct < 0 || q.Correct >= len(q.Options) && len(q.Options) > 0 {
		c.report(c.at(at("correct")...), lab.Textf("correct는 보기의 번호이며 0부터 %d까지입니다",
			"correct is the number of an option, from 0 to %d", len(q.Options)-1))
	}
}

// timeQuestion checks the part of a step's question that asks for a time.
func (c *checker) timeQuestion(step lab.Step, path ...any) {
	at := func(rest ...any) []any { return append(slices.Clone(path), rest...) }
	q := step.Question.Time
	if q == nil {
		return
	}
	c.text(q.Prompt, at("prompt")...)
	if !slices.Contains(lab.TimedPoints(), q.Point) {
		c.report(c.at(at("point")...), lab.Textf("point가 %q입니다. %s 중 하나를 쓰십시오", "the point is %q: use one of %s", q.Point,
			listed(lab.TimedPoints())))
	}
	i := slices.IndexFunc(c.lab.Faults, func(f lab.Fault) bool { return f.ID == step.Fault && f.ID != "" })
	if i < 0 {
		c.report(c.at(path...), lab.T("시간은 장애부터 재므로, 시간을 묻는 단계에는 fault가 있어야 합니다",
			"a time is counted from the fault, so a step that asks for one needs a fault"))
		return
	}
	if f := c.lab.Faults[i]; f.Repairs() || f.Responds == (lab.Responses{}) {
		c.report(c.at(path...), lab.Textf("시간을 예측할 수 있게 faults의 %q에 앱의 응답(responds)을 적으십시오. 복구에는 시간을 묻지 않습니다",
			"for the time to be forecast, say under faults what the app responds (responds) after %q; of a repair no time is asked", f.ID))
	} else if q.Point == lab.TimedReady && !restarts(f.Responds) {
		c.report(c.at(at("point")...), lab.Textf("faults의 %q 뒤에는 복구해야 다시 Ready가 되므로, 장애부터 몇 초 걸리는지는 정해져 있지 않습니다. point에 %s나 %s를 쓰십시오",
			"after the fault %q it takes a repair to be ready again, so nothing says how many seconds after the fault that is: use %s or %s", f.ID,
			lab.TimedFailure, lab.TimedVerdict))
	}
}

// restarts reports whether a fault can have a container restarted, which is then ready again.
func restarts(r lab.Responses) bool {
	fails := func(response probes.Response) bool { return response != "" && response != probes.Answer }
	return fails(r.Liveness) || fails(r.Startup) || r.Readiness == probes.Exit
}

func (c *checker) goal(goal lab.Goal, path ...any) {
	at := func(rest ...any) []any { return append(slices.Clone(path), rest...) }
	c.id(goal.ID, at("id")...)
	c.text(goal.Title, at("title")...)
	if goal.After != "" && !slices.Contains(c.goals, goal.After) {
		c.report(c.at(at("after")...), lab.Textf("이 목표보다 앞에 id가 %q인 목표가 없습니다. after에는 앞선 목표의 id를 쓰십시오",
			"there is no goal %q before this one: after needs the id of an earlier goal", goal.After))
	}
	if slices.Contains(c.goals, goal.ID) && goal.ID != "" {
		c.report(c.at(at("id")...), lab.Textf("id가 %q인 목표가 이미 있습니다. 다른 id를 쓰십시오",
			"goal %q is already defined: use another id", goal.ID))
	}
	c.goals = append(c.goals, goal.ID)

	check := reflect.ValueOf(goal.Check)
	set := 0
	for i := range check.NumField() {
		if !check.Field(i).IsNil() {
			set++
		}
	}
	if set != 1 {
		c.report(c.at(at("check")...), lab.Textf("check에는 %s 중 정확히 하나를 적으십시오", "check needs exactly one of %s",
			strings.Join(fieldNames(check.Type()), ", ")))
	}
	c.condition(goal.Check, at("check")...)
}

// condition checks what a goal asks of the cluster.
func (c *checker) condition(check lab.Check, path ...any) {
	at := func(rest ...any) []any { return append(slices.Clone(path), rest...) }
	if f := check.File; f != nil && !slices.Contains(c.lab.Manifests, f.Name) {
		c.report(c.at(at("file", "name")...), lab.Textf("%q 파일이 이 실습의 manifests에 없습니다", "%q is not among the lab's manifests", f.Name))
	}
	if p := check.Pods; p != nil {
		c.target(p.Pod, p.Selector, at("pods")...)
		counts := map[string]*int{
			"ready": p.Ready, "notReady": p.NotReady, "minRestarts": p.MinRestarts, "maxRestarts": p.MaxRestarts,
		}
		given := false
		for name, count := range counts {
			if count != nil {
				given = true
				c.count(*count, 0, at("pods", name)...)
			}
		}
		if !given {
			c.report(c.at(at("pods")...), lab.T("ready, notReady, minRestarts, maxRestarts 중 하나 이상을 적으십시오",
				"give at least one of ready, notReady, minRestarts, maxRestarts"))
		}
		if p.MinRestarts != nil && p.MaxRestarts != nil && *p.MinRestarts > *p.MaxRestarts {
			c.report(c.at(at("pods", "minRestarts")...), lab.T("minRestarts가 maxRestarts보다 큽니다", "minRestarts is greater than maxRestarts"))
		}
	}
	if e := check.Event; e != nil {
		c.target(e.Pod, e.Selector, at("event")...)
		c.need(e.Reason, "reason", at("event", "reason")...)
		c.count(e.AtLeast, 1, at("event", "atLeast")...)
	}
	if r := check.Replicas; r != nil {
		c.need(r.Deployment, "deployment", at("replicas", "deployment")...)
		c.count(r.Desired, 0, at("replicas", "desired")...)
		c.count(r.Available, 0, at("replicas", "available")...)
		c.count(r.Unavailable, 0, at("replicas", "unavailable")...)
	}
	if l := check.Log; l != nil {
		c.need(l.Pod, "pod", at("log", "pod")...)
		c.need(l.Contains, "contains", at("log", "contains")...)
		c.count(l.AtLeast, 1, at("log", "atLeast")...)
	}
	if g := check.Gone; g != nil {
		if g.Pod == "" && g.Deployment == "" && g.Selector == "" {
			c.report(c.at(at("gone")...), lab.T("pod, deployment, selector 중 하나 이상을 적으십시오",
				"give at least one of pod, deployment, selector"))
		}
		c.selector(g.Selector, at("gone", "selector")...)
	}
}

// target checks that either a pod or a selector says which pods are meant.
func (c *checker) target(pod, selector string, path ...any) {
	if (pod == "") == (selector == "") {
		c.report(c.at(path...), lab.T("pod와 selector 중 정확히 하나를 적으십시오", "give either pod or selector"))
	}
	c.selector(selector, append(slices.Clone(path), "selector")...)
}

func (c *checker) selector(selector string, path ...any) {
	if _, err := labels.Parse(selector); err != nil {
		c.report(c.at(path...), lab.Textf("레이블 셀렉터가 아닙니다(%v). app=이름 꼴로 적으십시오",
			"not a label selector (%v): write it as app=name", err))
	}
}

func (c *checker) id(id string, path ...any) {
	switch {
	case id == "":
		c.report(c.at(path...), lab.T("id가 없습니다. 영문 소문자로 시작하는 이름을 적으십시오",
			"the id is missing: give a name that begins with a lower case letter"))
	case !idPattern.MatchString(id):
		c.report(c.at(path...), lab.Textf("id가 %q입니다. 영문 소문자로 시작해 소문자, 숫자, -로 40자까지 적으십시오",
			"the id is %q: use up to 40 lower case letters, digits and -, beginning with a letter", id))
	}
}

func (c *checker) need(value, name string, path ...any) {
	if value == "" {
		c.report(c.at(path...), lab.Textf("%s 필드가 없습니다", "%s is missing", name))
	}
}

func (c *checker) count(n, least int, path ...any) {
	if n < least || n > maxCount {
		c.report(c.at(path...), lab.Textf("%s 값은 %d 이상 %d 이하여야 합니다", "%s must be from %d to %d",
			fmt.Sprint(path[len(path)-1]), least, maxCount))
	}
}

// text checks a text that must be there in both languages.
func (c *checker) text(text lab.Text, path ...any) {
	if text.IsZero() {
		c.report(c.at(path...), lab.Textf("%s 글이 없습니다. ko와 en을 적으십시오", "%s is missing: give ko and en", name(path)))
		return
	}
	c.optional(text, path...)
}

// optional checks that a text which is given in one language is given in the other one too.
func (c *checker) optional(text lab.Text, path ...any) {
	for _, one := range []struct {
		lang    lab.Lang
		missing bool
	}{
		{lab.Korean, strings.TrimSpace(text.Ko) == "" && text.En != ""},
		{lab.English, strings.TrimSpace(text.En) == "" && text.Ko != ""},
	} {
		if one.missing {
			c.report(c.at(append(slices.Clone(path), string(one.lang))...), lab.Textf("%s에 %s 글이 없습니다", "%s has no text in %s",
				name(path), string(one.lang)))
		}
	}
}

// name returns the last field name on a path.
func name(path []any) string {
	for _, step := range slices.Backward(path) {
		if field, ok := step.(string); ok {
			return field
		}
	}
	return ""
}
