package script

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"healthlab/lab"
)

// maxFile is the most bytes that a lab file or a text may have; a larger one is not a lab.
const maxFile = 1 << 20

// Load reads the labs, which are the *.yaml files at the root of labs, in the order of their names. The manifests that
// they apply must be files at the root of manifests. The error is a [Problems] with everything that is wrong, or tells
// why the files could not be read at all. Then no lab is returned.
func Load(labs, manifests fs.FS) ([]lab.Lab, error) {
	files, err := fs.Glob(labs, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the lab files: %w", err)
	}
	if len(files) == 0 {
		return nil, lab.Errorf(nil, "실습 파일(*.yaml)이 없습니다. 실습 디렉터리를 확인하십시오", "no lab files (*.yaml): check the labs directory")
	}
	l := &loader{labs: labs, manifests: manifests, ids: map[string]string{}}
	out := make([]lab.Lab, 0, len(files))
	for _, file := range files {
		one, err := l.load(file)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return out, nil
}

type loader struct {
	labs, manifests fs.FS
	ids             map[string]string // of the labs so far, to the file of each
	problems        Problems
}

// load reads and checks one file.
func (l *loader) load(file string) (lab.Lab, error) {
	data, err := read(l.labs, file)
	if err != nil {
		return lab.Lab{}, err
	}
	s := &source{file: file, bad: map[*yaml.Node]bool{}}
	var out lab.Lab
	if s.parse(data); s.root != nil {
		s.decode(s.root, reflect.ValueOf(&out).Elem())
		if err := l.bodies(s, &out); err != nil {
			return lab.Lab{}, err
		}
		(&checker{source: s, lab: &out, manifests: l.manifests}).check()
		if first, ok := l.ids[out.ID]; ok && out.ID != "" {
			s.report(s.at("id"), lab.Textf("id가 %q인 실습이 %s에 이미 있습니다. 다른 id를 쓰십시오",
				"lab %q is already defined in %s: use another id", out.ID, first))
		} else {
			l.ids[out.ID] = file
		}
	}
	l.problems = append(l.problems, s.problems...)
	return out, nil
}

// parse sets root to the file's only document.
func (s *source) parse(data []byte) {
	if !utf8.Valid(data) {
		s.report(nil, lab.T("UTF-8이 아닙니다. UTF-8로 저장하십시오", "the file is not UTF-8: save it as UTF-8"))
		return
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		s.report(nil, lab.T("빈 파일입니다. 실습을 적거나 파일을 지우십시오", "the file is empty: write a lab or remove it"))
		return
	case err != nil:
		s.syntax(err)
		return
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		s.report(&more, lab.T("파일 하나에는 실습 하나만 둘 수 있습니다. --- 뒤를 다른 파일로 옮기십시오",
			"a file holds one lab: move what follows --- to another file"))
	case !errors.Is(err, io.EOF):
		s.syntax(err)
		return
	}
	s.root = doc.Content[0]
}

// syntax reports that the file is not YAML. The yaml package tells the line in its text only.
func (s *source) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if _, scanErr := fmt.Sscanf(text, "line %d:", &line); scanErr == nil {
		text = strings.TrimSpace(text[strings.Index(text, ":")+1:])
	}
	// Its scanner counts lines from 1, its parser from 0.
	if strings.HasPrefix(text, "did not find expected") {
		line++
	}
	s.problems = append(s.problems, Problem{File: s.file, Line: line, Text: lab.Textf(
		"YAML이 아닙니다(%s). 들여쓰기와 따옴표를 보십시오", "not YAML (%s): check the indentation and the quotes", text)})
}

// bodies reads the texts of those steps that have none in the lab file.
func (l *loader) bodies(s *source, out *lab.Lab) error {
	for i := range out.Steps {
		step := &out.Steps[i]
		if !step.Body.IsZero() || s.bad[s.at("steps", i, "body")] || !idPattern.MatchString(out.ID) || !idPattern.MatchString(step.ID) {
			continue
		}
		for _, text := range []struct {
			lang lab.Lang
			into *string
		}{{lab.Korean, &step.Body.Ko}, {lab.English, &step.Body.En}} {
			file := out.ID + "/" + step.ID + "." + string(text.lang) + ".md"
			data, err := read(l.labs, file)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				s.report(s.at("steps", i, "id"), lab.Textf("%s 단계의 본문이 없습니다. %s 파일이나 body 필드를 적으십시오",
					"step %s has no text: write the file %s or the field body", step.ID, file))
			case err != nil:
				return err
			default:
				*text.into = strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n"))
				s.problems = append(s.problems, proofread(file, *text.into)...)
			}
		}
	}
	return nil
}

// proofread returns what is wrong with a Markdown file as text.
func proofread(file, text string) Problems {
	if text == "" {
		return Problems{{File: file, Text: lab.T("빈 파일입니다. 본문을 적으십시오", "the file is empty: write the text")}}
	}
	for i, line := range strings.Split(text, "\n") {
		if r, ok := control(line); ok {
			return Problems{{File: file, Line: i + 1, Text: lab.Textf(
				"제어 문자(%U)는 쓸 수 없습니다. 지우십시오", "control character %U is not allowed: remove it", r)}}
		}
	}
	return nil
}

func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read lab file: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read lab file %s: %w", name, err)
	}
	if len(data) > maxFile {
		return nil, lab.Errorf(nil, "%s 파일이 너무 큽니다. 최대 1 MiB입니다", "%s is too large: at most 1 MiB", name)
	}
	return data, nil
}
