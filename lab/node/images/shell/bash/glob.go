package bash

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/pattern"
)

// glob returns the files that a pattern names, sorted.
func (sh *shell) glob(p string) []string {
	if !hasMeta(p, sh.shopts["extglob"]) {
		return nil
	}
	found := []string{""}
	if strings.HasPrefix(p, "/") {
		found = []string{"/"}
	}
	elements := splitPath(p)
	for i, elem := range elements {
		last := i == len(elements)-1
		var next []string
		for _, dir := range found {
			next = append(next, sh.globElement(dir, elem, last)...)
		}
		if found = next; len(found) == 0 {
			return nil
		}
	}
	if strings.HasSuffix(p, "/") {
		for i := range found {
			found[i] = strings.TrimSuffix(found[i], "/") + "/"
		}
		found = slices.DeleteFunc(found, func(f string) bool { return !sh.isDir(f) })
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// splitPath parts a pattern at its slashes.
func splitPath(p string) []string {
	var list []string
	for elem := range strings.SplitSeq(p, "/") {
		if elem != "" {
			list = append(list, elem)
		}
	}
	return list
}

func (sh *shell) isDir(name string) bool {
	info, err := sh.p.FS().Stat(sh.p.Path(sh.absolute(name)))
	return err == nil && info.IsDir()
}

func joinPath(dir, name string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

func (sh *shell) globElement(dir, elem string, last bool) []string {
	if !hasMeta(elem, sh.shopts["extglob"]) {
		name := joinPath(dir, unescaped(elem))
		if _, err := sh.p.FS().Lstat(path.Clean(sh.p.Path(sh.absolute(name)))); err != nil {
			return nil
		}
		if !last && !sh.isDir(name) {
			return nil
		}
		return []string{name}
	}
	if elem == "**" && sh.shopts["globstar"] {
		return sh.tree(dir, !last, 0)
	}
	mode := pattern.Filenames | pattern.EntireString | pattern.NoGlobStar | pattern.GlobLeadingDot
	if sh.shopts["nocaseglob"] {
		mode |= pattern.NoGlobCase
	}
	if sh.shopts["extglob"] {
		mode |= pattern.ExtendedOperators
	}
	m := sh.compiled(elem, mode)
	hidden := sh.shopts["dotglob"] || strings.HasPrefix(elem, ".") || strings.HasPrefix(elem, `\.`)
	var out []string
	for _, info := range sh.readDir(dir) {
		name := info.Name()
		if strings.HasPrefix(name, ".") && !hidden {
			continue
		}
		if m.not != nil {
			if !m.not.matches(name) {
				continue
			}
		} else if !m.rx.MatchString(name) {
			continue
		}
		full := joinPath(dir, name)
		if !last && !info.IsDir() && (info.Mode()&fs.ModeSymlink == 0 || !sh.isDir(full)) {
			continue
		}
		out = append(out, full)
	}
	return out
}

func (sh *shell) readDir(dir string) []fs.FileInfo {
	if dir == "" {
		dir = "."
	}
	infos, err := sh.p.FS().ReadDir(path.Clean(sh.p.Path(sh.absolute(dir))))
	if sh.names += len(infos); sh.names > maxNames {
		die(errNoMemory)
	}
	if err != nil {
		return nil
	}
	if sh.ctx.Err() != nil {
		die(sh.ctx.Err())
	}
	return infos
}

// tree is **: everything below a directory.
func (sh *shell) tree(dir string, dirs bool, depth int) []string {
	sh.enter()
	defer sh.exit()
	var out []string
	if dir != "" && depth == 0 || dirs && depth == 0 {
		out = append(out, dir)
		if dir != "" && !dirs {
			out[0] = strings.TrimSuffix(dir, "/") + "/"
		}
	}
	for _, info := range sh.readDir(dir) {
		if strings.HasPrefix(info.Name(), ".") && !sh.shopts["dotglob"] {
			continue
		}
		full := joinPath(dir, info.Name())
		if info.IsDir() {
			out = append(out, full)
			out = append(out, sh.tree(full, dirs, depth+1)...)
		} else if !dirs {
			out = append(out, full)
		}
	}
	return out
}
