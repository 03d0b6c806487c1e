// Package nginx is the web server of the built-in images that have one. It reads nginx's configuration files from the
// container, serves what they say on the pod network, and writes nginx's logs, errors and answers.
//
// It owns which directives there are (directives.go) and what they mean. A directive that it does not know, or knows and
// cannot follow, is an error at start-up in nginx's words, never ignored; what is accepted without a meaning has none that
// could be seen here: buffers, sizes of hashes, options of sockets. Regular expressions are those of Go (RE2): one that needs
// more of PCRE is such an error too.
//
// Bounded are the files of a configuration in number, depth and size (parse.go), rewrites and internal redirects (ten, as in
// nginx), and the length of what variables expand to.
//
// A configuration is read once and then never changed, so that requests share it; a reload makes a new one. Run's goroutine
// owns the listeners; each request's state belongs to its own goroutine.
package nginx
