package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"healthlab/assets"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/script"
	"healthlab/manifests"
)

// load reads the built-in labs or the user's own.
func (o *options) load() ([]lab.Lab, error) {
	files, err := fs.Sub(assets.FS, "labs")
	if err != nil {
		return nil, fmt.Errorf("open the built-in labs: %w", err)
	}
	if o.labs != "" {
		files = os.DirFS(o.labs)
	}
	labs, err := script.Load(files, o.manifests())
	if err != nil {
		return nil, o.unusableLabs(err)
	}
	return labs, nil
}

// manifests are the built-in ones, or those beside the user's own labs.
func (o *options) manifests() fs.FS {
	if own := filepath.Join(o.labs, "manifests"); o.labs != "" {
		if info, err := os.Stat(own); err == nil && info.IsDir() {
			return os.DirFS(own)
		}
	}
	return manifests.FS
}

// unusableLabs tells which labs could not be read.
func (o *options) unusableLabs(cause error) error {
	if o.labs == "" {
		return fmt.Errorf("load the built-in labs: %w", cause)
	}
	return lab.Errorf(cause, "%s 디렉터리의 실습을 쓸 수 없습니다", "cannot use the labs in %s", o.labs)
}

func ids(labs []lab.Lab) []string {
	var ids []string
	for _, l := range labs {
		ids = append(ids, l.ID)
	}
	return ids
}

// known refuses labs that do not exist.
func known(wanted []string, labs []lab.Lab) error {
	for _, w := range wanted {
		if !slices.Contains(ids(labs), w) {
			return usage.Error{Err: lab.Errorf(nil, "%q 실습은 없습니다. 있는 실습: %s", "there is no lab %q: the labs are %s", w, strings.Join(ids(labs), ", "))}
		}
	}
	return nil
}
