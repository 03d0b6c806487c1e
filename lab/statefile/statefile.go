package statefile

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Write replaces the file in one go: whoever reads it sees the old content or the new one, also after a crash of the
// program. Only the user may read it. Its directory is made if need be.
func Write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return WriteBy(filepath.Dir(path), path, content)
}

// WriteBy is Write with the draft in a directory on the same file system, for whoever removes what a program that was killed
// leaves there. Both directories must be there.
func WriteBy(dir, path string, content []byte) (err error) {
	draft, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft.Name()) // the first error is the one to tell
		}
	}()
	if _, err := draft.Write(content); err != nil {
		_ = draft.Close()
		return fmt.Errorf("write %s: %w", draft.Name(), err)
	}
	if err := draft.Close(); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

// WriteJSON is Write for a value.
func WriteJSON(path string, content any) error {
	data, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return Write(path, append(data, '\n'))
}
