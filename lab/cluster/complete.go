package cluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"healthlab/lab"
)

// maxCompletion bounds what is read of kubectl's answer, on clusters with very many objects.
const maxCompletion = 1 << 20

// Complete asks kubectl what the last of args could become, as a shell does: with the hidden command that every cobra
// program has, run as a child process on this cluster and namespace. Where kubectl leaves the answer to the shell, names of
// files are candidates. The end of ctx is returned as ctx's error.
func (c *Client) Complete(ctx context.Context, args []string) (lab.Completion, error) {
	if len(args) == 0 {
		args = []string{""}
	}
	command, err := c.kubectlOn(ctx, cobra.ShellCompRequestCmd, args)
	if err != nil {
		return lab.Completion{}, err
	}
	out := &boundedBuffer{limit: maxCompletion}
	command.Stdout = out // its standard error is for who debugs completions
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return lab.Completion{}, ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return lab.Completion{}, notStarted(err)
	}
	return completionOf(string(out.bytes()), args[len(args)-1]), nil
}

// completionOf makes sense of what cobra prints: a line for each candidate, with its description after a tab, and at the
// end, after a colon, what a shell is to make of them.
func completionOf(output, word string) lab.Completion {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	directive, err := strconv.Atoi(strings.TrimPrefix(lines[len(lines)-1], ":"))
	does := func(d cobra.ShellCompDirective) bool { return cobra.ShellCompDirective(directive)&d != 0 }
	if err != nil || does(cobra.ShellCompDirectiveError) {
		return lab.Completion{}
	}
	// What follows the = of a flag is answered without the flag.
	lead := ""
	if i := strings.IndexByte(word, '='); i > 0 && word[0] == '-' {
		lead, word = word[:i+1], word[i+1:]
	}
	var answers []lab.Candidate
	for _, line := range lines[:len(lines)-1] {
		text, about, _ := strings.Cut(line, "\t")
		answers = append(answers, lab.Candidate{Word: text, About: about})
	}
	all := lab.Completion{NoSpace: does(cobra.ShellCompDirectiveNoSpace)}
	switch {
	case does(cobra.ShellCompDirectiveFilterFileExt):
		all.Candidates = files(word, func(name string) bool {
			return slices.ContainsFunc(answers, func(a lab.Candidate) bool { return strings.HasSuffix(name, "."+a.Word) })
		})
	case does(cobra.ShellCompDirectiveFilterDirs):
		all.Candidates = files(word, func(string) bool { return false })
	case len(answers) == 0 && !does(cobra.ShellCompDirectiveNoFileComp):
		all.Candidates = files(word, func(string) bool { return true })
	default:
		all.Candidates = slices.DeleteFunc(answers, func(a lab.Candidate) bool { return !strings.HasPrefix(a.Word, word) })
		if strings.HasPrefix(word, "-") && !does(cobra.ShellCompDirectiveKeepOrder) {
			// The flags of all commands come first, which hides the command's own.
			slices.SortFunc(all.Candidates, func(a, b lab.Candidate) int { return strings.Compare(a.Word, b.Word) })
		}
	}
	all.Candidates = slices.DeleteFunc(all.Candidates, func(a lab.Candidate) bool {
		return strings.ContainsFunc(a.Word, unicode.IsControl)
	})
	for i := range all.Candidates {
		all.Candidates[i].Word = lead + all.Candidates[i].Word
	}
	return all
}

// files returns the directories, and the files that fit, whose paths begin with word. Hidden ones have to be asked for.
func files(word string, fits func(name string) bool) []lab.Candidate {
	dir, begin := filepath.Split(word)
	where := dir
	if below, ok := strings.CutPrefix(dir, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			where = filepath.Join(home, below)
		}
	}
	if where == "" {
		where = "."
	}
	entries, err := os.ReadDir(where)
	if err != nil {
		return nil // there is nothing to propose
	}
	var found []lab.Candidate
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, begin) || strings.HasPrefix(name, ".") && begin == "" {
			continue
		}
		info, err := os.Stat(filepath.Join(where, name)) // what a link leads to
		switch {
		case err == nil && info.IsDir():
			found = append(found, lab.Candidate{Word: dir + name + "/"})
		case fits(name):
			found = append(found, lab.Candidate{Word: dir + name})
		}
	}
	return found
}
