package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"sync"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/statefile"
)

// answers are what the student has answered to the labs' questions, kept across runs. Its methods may be called from any
// goroutine.
type answers struct {
	path string

	mu    sync.Mutex
	given course.Answers // guarded by mu
}

// readAnswers reads the file; that there is none is no error.
func readAnswers(path string) (*answers, error) {
	a := &answers{path: path, given: course.Answers{}}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the earlier answers: %w", err)
	}
	if err := json.Unmarshal(content, &a.given); err != nil {
		return nil, lab.Errorf(err, "지난 답을 적은 %s 파일을 읽을 수 없습니다. 지우면 새로 시작합니다",
			"cannot read your earlier answers in %s: delete the file to start over", path)
	}
	return a, nil
}

// all returns a copy.
func (a *answers) all() course.Answers {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.given)
}

// give remembers an answer.
func (a *answers) give(step string, answer course.Answer) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.given = a.given.With(step, answer)
	if err := statefile.WriteJSON(a.path, a.given); err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}
