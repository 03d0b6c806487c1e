package nginx

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // what password files have
	"crypto/sha1" //nolint:gosec // as above
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"healthlab/lab/node/sandbox"
)

// verdict is what one kind of access control says.
type verdict int

const (
	declined verdict = iota // it has no rules for the request
	granted
	forbidden
	unauthorized
	broken
)

// admitted decides whether a request may be answered, by address and by password: both have to agree, or with "satisfy any"
// one of them (ngx_http_core_module.c, ngx_http_core_access_phase). It answers where the request may not.
func (e *exchange) admitted() bool {
	rules := e.scope.access
	if e.limited() {
		rules = e.scope.limit.access
	}
	refused := declined
	for _, ask := range []func() verdict{func() verdict { return judge(rules, e.client()) }, e.password} {
		switch v := ask(); v {
		case granted:
			if e.scope.satisfyAny {
				return true
			}
		case forbidden, unauthorized:
			if refused != unauthorized {
				refused = v
			}
		case broken:
			e.fail(http.StatusInternalServerError)
			return false
		case declined:
		}
		if refused != declined && !e.scope.satisfyAny {
			break
		}
	}
	switch refused { //nolint:exhaustive // of those that it can be
	case forbidden:
		e.errorf("access forbidden by rule")
		e.fail(http.StatusForbidden)
	case unauthorized:
		e.w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", e.expand(e.scope.realm)))
		e.fail(http.StatusUnauthorized)
	}
	return refused == declined
}

// maxUsers is how long a file of passwords may be, in bytes.
const maxUsers = 1 << 20

// password is auth_basic (ngx_http_auth_basic_module.c).
func (e *exchange) password() verdict {
	s := e.scope
	if s.realm == nil || s.userFile == nil || e.expand(s.realm) == "off" {
		return declined
	}
	user, password, given := e.r.BasicAuth()
	if !given {
		return unauthorized
	}
	name := e.expand(s.userFile)
	data, err := e.s.p.FS().ReadFile(name, maxUsers)
	if err != nil {
		e.errorf("open() %q failed (%s)", name, errno(err))
		if errors.Is(err, sandbox.ENOENT) {
			return forbidden
		}
		return broken
	}
	for line := range strings.Lines(string(data)) {
		who, rest, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if !ok || who != user || strings.HasPrefix(line, "#") {
			continue
		}
		hash, _, _ := strings.Cut(rest, ":")
		fits, known := fits(password, hash)
		switch {
		case !known:
			e.errorf("the password of user %q in %q is encrypted in a way that is not supported here: write it with htpasswd -m, -B or -s", user, name)
			return broken
		case !fits:
			e.errorf("user %q: password mismatch", user)
			return unauthorized
		}
		return granted
	}
	e.errorf("user %q was not found in %q", user, name)
	return unauthorized
}

// fits compares a password with one that is kept encrypted; known says that the way is known.
func fits(password, hash string) (fits, known bool) {
	same := func(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
	switch {
	case strings.HasPrefix(hash, "$apr1$"):
		salt, _, _ := strings.Cut(strings.TrimPrefix(hash, "$apr1$"), "$")
		return same([]byte(apr1(password, salt)), []byte(hash)), true
	case strings.HasPrefix(hash, "$2"):
		if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxCost {
			return false, err != nil
		}
		return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil, true
	case strings.HasPrefix(hash, "{PLAIN}"):
		return same([]byte(password), []byte(strings.TrimPrefix(hash, "{PLAIN}"))), true
	case strings.HasPrefix(hash, "{SHA}"), strings.HasPrefix(hash, "{SSHA}"):
		_, text, _ := strings.Cut(hash, "}")
		sum, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(sum) < sha1.Size {
			return false, true
		}
		own := sha1.Sum(append([]byte(password), sum[sha1.Size:]...)) //nolint:gosec // what the file has
		return same(own[:], sum[:sha1.Size]), true
	}
	return false, false
}

// maxCost bounds how long a password's check may take: about two seconds.
const maxCost = 14

// apr1 is Apache's MD5 of a password, as htpasswd and openssl passwd -apr1 write it.
func apr1(password, salt string) string {
	const magic, rounds = "$apr1$", 1000
	salt = salt[:min(len(salt), 8)]
	sum := func(parts ...string) []byte {
		h := md5.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // the format's own
		return h[:]
	}
	inner := sum(password, salt, password)
	var text bytes.Buffer
	text.WriteString(password + magic + salt)
	for n := len(password); n > 0; n -= md5.Size {
		text.Write(inner[:min(n, md5.Size)])
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			text.WriteByte(0)
		} else {
			text.WriteByte(password[0])
		}
	}
	last := sum(text.String())
	for i := range rounds {
		var parts []string
		if i%2 == 1 {
			parts = append(parts, password)
		} else {
			parts = append(parts, string(last))
		}
		if i%3 != 0 {
			parts = append(parts, salt)
		}
		if i%7 != 0 {
			parts = append(parts, password)
		}
		if i%2 == 1 {
			parts = append(parts, string(last))
		} else {
			parts = append(parts, password)
		}
		last = sum(parts...)
	}
	const letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := []byte(magic + salt + "$")
	put := func(v uint, n int) {
		for range n {
			out = append(out, letters[v&0x3f])
			v >>= 6
		}
	}
	for _, i := range [][3]int{{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}} {
		put(uint(last[i[0]])<<16|uint(last[i[1]])<<8|uint(last[i[2]]), 4)
	}
	put(uint(last[11]), 2)
	return string(out)
}
