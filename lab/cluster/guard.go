package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"healthlab/lab"
	"healthlab/lab/manifest"
)

// commandLine is what the guard rails need to know of kubectl's arguments.
type commandLine struct {
	verb      string
	words     []string // after the verb, without flags and what comes after --
	files     []string
	namespace string
	clear     bool // every flag before the verb is one whose meaning is known
}

// parse reads kubectl's arguments. Flags after the verb that it does not know count as ones without a value.
func parse(args []string) commandLine {
	line := commandLine{clear: true}
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		flag, value, given := strings.Cut(args[i], "=")
		if !strings.HasPrefix(flag, "-") {
			if line.verb == "" {
				line.verb = args[i]
			} else {
				line.words = append(line.words, args[i])
			}
			continue
		}
		var into *string
		var file string
		switch flag {
		case "-n", "--namespace":
			into = &line.namespace
		case "-f", "--filename":
			into = &file
		case "-l", "--selector", "-c", "--container", "-o", "--output", "--field-manager", "--tail", "--timeout":
			into = new(string)
		default:
			line.clear = line.clear && (line.verb != "" || given)
			continue
		}
		if !given && i+1 < len(args) {
			i++
			value = args[i]
		}
		*into = value
		if file != "" {
			line.files = append(line.files, file)
		}
	}
	return line
}

// reads reports whether the command changes nothing on the cluster and in no container. What is not surely so is not.
func (l commandLine) reads() bool {
	first := ""
	if len(l.words) > 0 {
		first = l.words[0]
	}
	switch l.verb {
	case "get", "describe", "logs", "events", "top", "explain", "diff", "wait", "version", "api-resources", "api-versions",
		"cluster-info", "help", "options", "":
		return l.clear
	case "auth":
		return l.clear && (first == "can-i" || first == "whoami")
	case "rollout":
		return l.clear && (first == "status" || first == "history")
	case "config":
		return l.clear && (first == "view" || first == "get-contexts" || first == "current-context")
	}
	return false
}

// rehearsable reports whether kubectl knows --dry-run for the command.
func (l commandLine) rehearsable() bool {
	return slices.Contains([]string{
		"apply", "create", "delete", "label", "annotate", "scale", "patch", "replace", "run", "expose", "set", "taint", "autoscale",
		"cordon", "uncordon", "drain",
	}, l.verb)
}

// Act is Kubectl for what a lab does by itself. On a real cluster it stays within the guard rails: it writes only to a
// namespace that is healthlab's or holds nothing else, changes and deletes only objects that carry healthlab's label, and
// applies on the server's side under a field manager of its own. What is really run is printed where it differs from args.
func (c *Client) Act(ctx context.Context, args []string, out io.Writer) (int, error) {
	line := parse(args)
	if !c.config.Real || line.reads() || c.config.ReadOnly {
		return c.Kubectl(ctx, args, out)
	}
	around, err := c.survey(ctx, false)
	if err != nil {
		return 0, err
	}
	if err := around.refusal(); err != nil {
		return 0, err
	}
	if err := c.permit(ctx, line); err != nil {
		return 0, err
	}
	makesNamespace := line.verb == "create" && len(line.words) == 2 && (line.words[0] == "namespace" || line.words[0] == "ns")
	if line.verb == "apply" {
		args = insert(args, "apply", "--server-side", "--field-manager="+lab.ManagedBy)
		if !c.config.DryRun {
			show(out, args)
		}
	}
	if c.config.DryRun && !makesNamespace && around.phase == "" && !around.hidden {
		// The server knows nothing to check against; only the client can tell what would be sent.
		args = slices.DeleteFunc(args, func(a string) bool { return a == "--server-side" })
		return c.rehearse(ctx, args, "client", out)
	}
	code, err := c.Kubectl(ctx, args, out)
	if err != nil || code != 0 || c.config.DryRun {
		return code, err
	}
	switch {
	case makesNamespace:
		err = c.claim(ctx, out)
	case line.verb == "apply":
		err = c.mark(ctx, line.files, out)
	}
	return code, err
}

// mark labels what was just applied from manifests that a student wrote without the label. permit has made sure that it was
// not somebody else's before.
func (c *Client) mark(ctx context.Context, files []string, out io.Writer) error {
	for _, file := range files {
		names, err := objectsIn(file)
		if err != nil {
			return err
		}
		unmarked, err := c.notOurs(ctx, names)
		if err != nil {
			return err
		}
		for _, o := range unmarked {
			if o.Controller != "" {
				continue
			}
			kindName, name, _ := strings.Cut(o.Name, "/")
			client := c.metadata.Resource(resourceOf(kindName)).Namespace(c.config.Namespace)
			_, err := client.Patch(ctx, name, types.MergePatchType, c.marks(), metav1.PatchOptions{FieldManager: lab.ManagedBy})
			if err != nil {
				return explain(c.info.Server, fmt.Errorf("label %s: %w", o.Name, err))
			}
			fmt.Fprintf(out, "%s labeled %s=%s\n", o.Name, lab.ManagedByLabel, lab.ManagedBy)
		}
	}
	return nil
}

// marks is the patch that makes an object healthlab's.
func (c *Client) marks() []byte {
	return fmt.Appendf(nil, `{"metadata":{"labels":{%q:%q},"annotations":{%q:%q}}}`,
		lab.ManagedByLabel, lab.ManagedBy, lab.OwnerAnnotation, c.config.Owner)
}

// permit refuses what reaches past the lab's namespace and objects.
func (c *Client) permit(ctx context.Context, line commandLine) error {
	if line.namespace != "" && line.namespace != c.config.Namespace {
		return lab.Errorf(nil, "실습은 네임스페이스 %s 밖의 %s을(를) 바꾸지 않습니다", "labs change nothing outside namespace %s, so not %s",
			c.config.Namespace, line.namespace)
	}
	var names []string
	switch line.verb {
	case "apply", "replace":
		for _, file := range line.files {
			made, err := objectsIn(file)
			if err != nil {
				return err
			}
			names = append(names, made...)
		}
	case "create":
		if len(line.words) == 2 && (line.words[0] == "namespace" || line.words[0] == "ns") && line.words[1] != c.config.Namespace {
			return lab.Errorf(nil, "실습은 네임스페이스 %s만 만듭니다", "labs create no namespace but %s", c.config.Namespace)
		}
	case "exec", "cp", "attach", "debug":
		if len(line.words) > 0 && !strings.Contains(line.words[0], "/") {
			names = []string{"pod/" + line.words[0]}
		}
	case "delete", "label", "annotate", "patch", "scale", "set":
		names = named(line)
		if len(names) == 0 {
			return lab.Errorf(nil, "실습은 이름을 적은 것만 바꾸거나 삭제합니다", "labs change and delete only objects given by name")
		}
	}
	foreign, err := c.notOurs(ctx, names)
	if err != nil {
		return err
	}
	if len(line.files) == 0 {
		// One that another object controls, as a deployment does its pods, is that one's.
		foreign = slices.DeleteFunc(foreign, func(o lab.ForeignObject) bool { return o.Controller != "" })
	}
	if len(foreign) == 0 {
		return nil
	}
	return c.refuse(&lab.Foreign{Objects: foreign, File: append(line.files, "")[0]})
}

// refuse says that a command is stopped because of objects that are not healthlab's, and what can be done about it.
func (c *Client) refuse(foreign *lab.Foreign) error {
	var names []string
	for _, o := range foreign.Objects {
		names = append(names, o.Name)
	}
	how := "kubectl label " + strings.Join(names, " ") + " --namespace=" + c.config.Namespace + " " + lab.ManagedByLabel + "=" + lab.ManagedBy
	msg := lab.Textf(
		"healthlab이 만들지 않은 %[1]s은(는) 바꾸거나 삭제하지 않습니다. 그래도 되면 `%[2]s`로 표시하십시오",
		"%[1]s was not made by healthlab and is neither changed nor deleted; if it may be, mark it with `%[2]s`", some(names), how,
	)
	switch {
	case !foreign.Adoptable():
		msg = lab.Textf(
			"%[1]s은(는) 이미 있고 다른 오브젝트가 관리합니다. --namespace로 다른 네임스페이스를 고르십시오",
			"%[1]s exists and another object controls it; choose another namespace with --namespace", some(names),
		)
	case foreign.File != "":
		msg = lab.Textf(
			"%[1]s은(는) 이미 있고 healthlab이 만들지 않았습니다. --namespace로 다른 네임스페이스를 고르거나, `kubectl diff -f %[2]s`로 차이를 본 뒤 "+
				"`%[3]s`로 넘겨받으십시오",
			"%[1]s exists and healthlab did not make it; choose another namespace with --namespace, or look at the difference "+
				"with `kubectl diff -f %[2]s` and adopt it with `%[3]s`", some(names), foreign.File, how,
		)
	}
	return &lab.Error{Msg: msg, Cause: foreign}
}

// named lists the objects that a command names, as kind/name.
func named(line commandLine) []string {
	var names []string
	if len(line.words) > 1 && !strings.Contains(line.words[0], "/") {
		for _, name := range line.words[1:] {
			if !strings.Contains(name, "=") && !strings.HasSuffix(name, "-") {
				names = append(names, strings.ToLower(line.words[0])+"/"+name)
			}
		}
		return names
	}
	for _, word := range line.words {
		if strings.Contains(word, "/") && !strings.Contains(word, "=") {
			names = append(names, strings.ToLower(word))
		}
	}
	return names
}

// objectsIn lists what a manifest makes, as kind/name.
func objectsIn(path string) ([]string, error) {
	err := checkFile(lab.T("매니페스트", "manifest"), path, manifest.MaxBytes)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	var names []string
	if err == nil {
		defer file.Close()
		names, err = manifest.Objects(file)
	}
	if err != nil {
		return nil, lab.Errorf(err, "매니페스트 %s을(를) 읽을 수 없습니다", "cannot read the manifest %s", path)
	}
	return names, nil
}

// claim marks the namespace that was just made as healthlab's.
func (c *Client) claim(ctx context.Context, out io.Writer) error {
	_, err := c.clientset.CoreV1().Namespaces().Patch(ctx, c.config.Namespace, types.MergePatchType, c.marks(),
		metav1.PatchOptions{FieldManager: lab.ManagedBy})
	switch {
	case apierrors.IsForbidden(err):
		// It stays an empty namespace that is ours to use, but not ours to delete.
		fmt.Fprintf(out, "namespace/%s not labeled: %s\n", c.config.Namespace, brief(err))
		return nil
	case err != nil:
		return explain(c.info.Server, fmt.Errorf("label namespace %s: %w", c.config.Namespace, err))
	}
	fmt.Fprintf(out, "namespace/%s labeled %s=%s\n", c.config.Namespace, lab.ManagedByLabel, lab.ManagedBy)
	return nil
}

// errReadOnly is why nothing is changed with ReadOnly.
func errReadOnly(what lab.Text) error {
	return lab.Errorf(nil, "읽기 전용(--read-only)이므로 %s", "read-only (--read-only): %s", what)
}

// restrain says what becomes of a command under ReadOnly and DryRun: it is refused, or rehearsed (done is then true), or
// neither.
func (c *Client) restrain(ctx context.Context, args []string, out io.Writer) (done bool, code int, err error) {
	line := parse(args)
	switch {
	case line.reads() || !c.config.ReadOnly && !c.config.DryRun:
		return false, 0, nil
	case c.config.ReadOnly:
		return true, 0, errReadOnly(lab.T("이 명령은 실행하지 않습니다", "this command is not run"))
	default:
		code, err := c.rehearse(ctx, args, "server", out)
		return true, code, err
	}
}

// rehearse has the server or the client check a command, and shows it with the object that would be written.
func (c *Client) rehearse(ctx context.Context, args []string, by string, out io.Writer) (int, error) {
	line := parse(args)
	if !line.rehearsable() {
		show(out, args)
		fmt.Fprintln(out, "(dry run: not carried out / 실행하지 않았습니다)")
		return 0, nil
	}
	args = insert(args, line.verb, "--dry-run="+by)
	if line.verb == "apply" || line.verb == "create" {
		args = insert(args, line.verb, "--output=yaml")
	}
	show(out, args)
	return c.runKubectl(ctx, args, out)
}

// show prints a command line as it is really run.
func show(out io.Writer, args []string) {
	fmt.Fprintln(out, "+ kubectl "+strings.Join(args, " "))
}

// insert puts flags behind the verb.
func insert(args []string, verb string, flags ...string) []string {
	return slices.Insert(slices.Clone(args), slices.Index(args, verb)+1, flags...)
}
