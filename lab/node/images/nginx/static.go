package nginx

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

// file is the path of a URI's file in the container.
func (e *exchange) file(uri string) string {
	s := e.scope
	if s.alias != nil {
		base := e.expand(s.alias)
		if s.regex {
			return base
		}
		return base + strings.TrimPrefix(uri, s.prefix)
	}
	return strings.TrimSuffix(e.expand(s.root), "/") + "/" + strings.TrimPrefix(uri, "/")
}

// contentType is that of a file, by the end of its name.
func (e *exchange) contentType(uri string) string {
	kind, ok := e.scope.types[strings.ToLower(strings.TrimPrefix(path.Ext(uri), "."))]
	if !ok || path.Ext(uri) == "" {
		kind = e.scope.defaultType
	}
	if c := e.scope.charset; c != "" && c != "off" && (strings.HasPrefix(kind, "text/") || kind == "application/javascript") {
		kind += "; charset=" + c
	}
	return kind
}

// static serves a file.
func (e *exchange) static() {
	if e.r.Method != http.MethodGet && e.r.Method != http.MethodHead {
		e.fail(http.StatusMethodNotAllowed)
		return
	}
	name := e.file(e.uri)
	if strings.HasSuffix(e.uri, "/") {
		e.directory(name)
		return
	}
	info, err := e.s.p.FS().Stat(name)
	if err == nil && info.IsDir() {
		to := escaped(e.uri) + "/"
		if e.args != "" {
			to += "?" + e.args
		}
		e.redirect(http.StatusMovedPermanently, to)
		return
	}
	var file *sandbox.File
	if err == nil {
		file, err = e.s.p.FS().Open(name)
	}
	if err != nil {
		e.missing("open()", name, err)
		return
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil || !info.Mode().IsRegular() {
		e.errorf("%q is not a regular file", name)
		e.fail(http.StatusNotFound)
		return
	}
	e.w.Header().Set("Content-Type", e.contentType(name))
	if !e.scope.noETag {
		e.w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().Unix(), info.Size()))
	}
	http.ServeContent(e.w, e.r, name, info.ModTime(), file)
}

// missing answers for a file that cannot be opened.
func (e *exchange) missing(call, name string, err error) {
	status := http.StatusNotFound
	switch {
	case errors.Is(err, fs.ErrPermission):
		status = http.StatusForbidden
	case errors.Is(err, sandbox.EMFILE), errors.Is(err, sandbox.EIO):
		status = http.StatusInternalServerError
	}
	if status != http.StatusNotFound || !e.scope.silent404 {
		e.errorf("%s %q failed (%s)", call, name, errno(err))
	}
	e.fail(status)
}

// directory serves the index file of a directory, or its list.
func (e *exchange) directory(dir string) {
	for _, t := range e.scope.index {
		index := e.expand(t)
		if strings.HasPrefix(index, "/") { // the last may be a URI
			e.goTo(index, true)
			return
		}
		if info, err := e.s.p.FS().Stat(path.Join(dir, index)); err == nil && info.Mode().IsRegular() {
			e.goTo(e.uri+index, true)
			return
		}
	}
	info, err := e.s.p.FS().Stat(dir)
	switch {
	case err != nil || !info.IsDir():
		if err == nil {
			err = sandbox.ENOTDIR
		}
		shown := dir
		if len(e.scope.index) > 0 {
			shown = dir + e.expand(e.scope.index[len(e.scope.index)-1])
		}
		e.missing("open()", shown, err)
	case e.scope.autoindex:
		e.listing(dir)
	default:
		e.errorf("directory index of %q is forbidden", dir)
		e.fail(http.StatusForbidden)
	}
}

func (e *exchange) listing(dir string) {
	entries, err := e.s.p.FS().ReadDir(dir)
	if err != nil {
		e.missing("opendir()", dir, err)
		return
	}
	var b strings.Builder
	title := html.EscapeString("Index of " + e.uri)
	fmt.Fprintf(&b, "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1><hr><pre><a href=\"../\">../</a>\r\n", title, title)
	for _, dirs := range []bool{true, false} {
		for _, entry := range entries {
			if strings.HasPrefix(entry.Name(), ".") || entry.IsDir() != dirs {
				continue
			}
			name, size := entry.Name(), fmt.Sprint(entry.Size())
			if dirs {
				name, size = name+"/", "-"
			}
			pad := strings.Repeat(" ", max(0, 50-len(name)))
			fmt.Fprintf(&b, "<a href=%q>%s</a>%s %s %19s\r\n", escaped(name), html.EscapeString(name), pad, entry.ModTime().UTC().Format("02-Jan-2006 15:04"), size)
		}
	}
	b.WriteString("</pre><hr></body>\r\n</html>\r\n")
	e.w.Header().Set("Content-Type", "text/html")
	_, _ = e.w.Write([]byte(b.String())) // a client that is gone is no concern of the server's
}

// errno is an error as nginx writes it: 2: No such file or directory.
func errno(err error) string {
	var e sandbox.Errno
	if !errors.As(err, &e) {
		return err.Error()
	}
	numbers := map[sandbox.Errno]int{
		sandbox.EPERM: 1, sandbox.ENOENT: 2, sandbox.EIO: 5, sandbox.EACCES: 13, sandbox.EBUSY: 16, sandbox.EEXIST: 17, sandbox.ENOTDIR: 20,
		sandbox.EISDIR: 21, sandbox.EINVAL: 22, sandbox.EMFILE: 24, sandbox.ENOSPC: 28, sandbox.EROFS: 30, sandbox.ENAMETOOLONG: 36, sandbox.ELOOP: 40,
	}
	return fmt.Sprintf("%d: %s", numbers[e], e)
}
