package report

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
)

// Names are what whoever makes the report knows of the machine that it is made on. Empty fields are not looked for.
type Names struct{ Host, User, Home string }

// hidden stands for a secret.
const hidden = "[…]"

// class is a kind of thing that is left out. The classes are in the order in which they are told.
type class int

const (
	secrets class = iota
	outputs       // whole outputs
	addresses
	hosts
	users
	paths
	clusters
	classes // how many there are
)

// redactor takes names and secrets out of texts, and counts them. Each name has the same stand-in everywhere, so that one can
// still see what is the same.
type redactor struct {
	withNames bool
	exact     []exactly
	keep      map[netip.Prefix]bool // the embedded cluster's pod network: it is on no machine but in healthlab
	given     map[string]string
	numbers   [classes]int
	counts    [classes]int
}

// exactly is a name that is known, by the letters around which it can be told from a part of another word.
type exactly struct {
	name     string
	class    class
	stand    string // empty: numbered
	anywhere bool   // also within a word
}

func newRedactor(withNames bool) *redactor {
	return &redactor{withNames: withNames, keep: map[netip.Prefix]bool{}, given: map[string]string{}}
}

// know adds a name that is to be taken out wherever it stands.
func (r *redactor) know(name string, class class, stand string) {
	const short, long, most = 3, 300, 500 // shorter ones are in everything
	if len(name) < short || len(name) > long || len(r.exact) == most || slices.Contains(everybodys, name) ||
		slices.ContainsFunc(r.exact, func(e exactly) bool { return e.name == name }) {
		return
	}
	r.exact = append(r.exact, exactly{name: name, class: class, stand: stand, anywhere: class == paths})
}

// everybodys are names that tell nothing of whose a machine is.
var everybodys = []string{
	"root", "user", "admin", "app", "node", "pod", "pods", "test", "student", "ubuntu", "debian", "localhost", "localhost.localdomain",
	"healthlab", "healthchecks", "kubernetes", "default", "docker.io", "/", "/root", "/tmp",
}

// knowMachine adds what is known of the machine.
func (r *redactor) knowMachine(n Names) {
	r.know(strings.TrimRight(n.Home, `/\`), paths, "~")
	r.know(n.Host, hosts, "")
	if short, _, ok := strings.Cut(n.Host, "."); ok {
		r.know(short, hosts, "")
	}
	r.know(n.User, users, "<user>")
}

// knowCluster adds what is known of the run's cluster.
func (r *redactor) knowCluster(c lab.Cluster) {
	if !c.Real {
		return // its names are healthlab's
	}
	r.know(c.Name, clusters, "<cluster>")
	if at, err := url.Parse(c.Server); err == nil {
		r.know(at.Host, hosts, "")
		r.know(at.Hostname(), hosts, "")
	}
	if _, student, ok := strings.Cut(c.Namespace, "healthchecks-"); ok {
		r.know(student, users, "<user>")
	} else {
		r.know(c.Namespace, clusters, "<namespace>")
	}
}

// knowPod adds what a pod tells of the machines that it is on.
func (r *redactor) knowPod(p lab.Pod, real bool) {
	if !real {
		if at, err := netip.ParseAddr(p.IP); err == nil && at.Is4() && len(r.keep) < 16 {
			r.keep[around(at)] = true
		}
		return
	}
	r.know(p.Node, hosts, "")
	for _, c := range p.Containers {
		host, _, ok := strings.Cut(c.Image, "/")
		if ok && strings.ContainsAny(host, ".:") {
			r.know(host, hosts, "")
		}
	}
}

// ready has to be called once all names are known: the longest goes first, as others may be parts of it.
func (r *redactor) ready() {
	slices.SortStableFunc(r.exact, func(a, b exactly) int { return cmp.Compare(len(b.name), len(a.name)) })
}

// stand is what stands for a name.
func (r *redactor) stand(c class, what, name string) string {
	r.counts[c]++
	key := what + "\x00" + name
	if s, ok := r.given[key]; ok {
		return s
	}
	r.numbers[c]++
	s := fmt.Sprintf("<%s %d>", what, r.numbers[c])
	r.given[key] = s
	return s
}

// What is a secret by its looks.
var (
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)[A-Z ]*-----.*?(?:-----END [A-Z ]*-----|\z)`)
	tokens     = regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?` + // a JSON Web Token
		`|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}|\b[a-z0-9]{6}\.[a-z0-9]{16}\b`)
	bearer   = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}`)
	userInfo = regexp.MustCompile(`(://)[^\s/@:"'<>]*:[^\s/@"'<>]+@`)
	// keyed is a key that names a secret, with its value.
	keyed = regexp.MustCompile(`(?i)([\w.-]*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|` +
		`key-data|certificate-data|certificate-authority-data|authorization|cookie|credentials?)["']?(?:\s*[:=]\s*|\s+is\s+))("[^"\n]*"|'[^'\n]*'|[^\s,;}]+)`)
	// variable is an environment variable whose name says that it is one, in YAML or JSON.
	variable = regexp.MustCompile(`(?i)(["']?\bname["']?:\s*["']?[\w.-]*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|credential)` +
		`[\w.-]*["']?\s*,?\s*["']?value["']?:\s*)("[^"\n]*"|'[^'\n]*'|[^\s,}]+)`)
	// option is an option of kubectl whose value is one.
	option = regexp.MustCompile(`(--(?:token|password|docker-password|from-literal|from-env-file)(?:=|\s+))('[^']*'|"[^"]*"|\S+)`)
	// encoded is what looks like something in base64. A digest or an ID is in hexadecimal.
	encoded  = regexp.MustCompile(`\b[A-Za-z0-9][A-Za-z0-9+/_-]{47,}={0,2}`)
	harmless = regexp.MustCompile(`^["']?(?:true|false|null|nil|none|<none>|<unset>|<set>|\d+|\[…\]|optional)["']?$`)
)

// What is a name by its looks. The first group of each stays.
var (
	arn      = regexp.MustCompile(`\barn:aws[\w-]*:[^\s"',<>]+`)
	asUser   = regexp.MustCompile(`(?i)(\b(?:user|username)[":=]*\s*)"[^"\n]+"`)
	mail     = regexp.MustCompile(`\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b`)
	homeDir  = regexp.MustCompile(`(?:/home/|/Users/|\b[A-Za-z]:\\Users\\)[^\s/\\:"',;|<>]+`)
	cloud    = regexp.MustCompile(`\b(?:ip-\d+-\d+-\d+-\d+|[\w.-]+\.(?:internal|amazonaws\.com|azmk8s\.io|cloudapp\.azure\.com|gke\.goog|local|lan|corp))\b(?:\.[\w.-]+)?`)
	inURL    = regexp.MustCompile(`(\b(?:https?|wss?|tcp|ssh|git|grpc|ldaps?)://)([\w.-]+)((?::\d+)?)`)
	ofServer = regexp.MustCompile(`(\b(?:lookup|connection to the server|Unable to connect to the server:[^\n]*?//|assigned [\w./-]+ to|(?i:hostname|nodename|node)[:=])\s*)("?[\w.-]*[\w-](?::\d+)?"?)`)
	address4 = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	// An IPv4 address may stand at the end, as in ::ffff:10.244.0.1.
	address6 = regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?(?:%\w+)?`)
)

// public are the ends of hosts that everybody knows.
var public = []string{"kubernetes.io", "k8s.io", "docker.io", "docker.com", "localhost", "svc", "cluster.local"}

// text is s without names and secrets.
func (r *redactor) text(s string) string {
	if s == "" {
		return s
	}
	s = r.hideSecrets(s)
	if r.withNames {
		return s
	}
	for _, e := range r.exact {
		s = r.replace(s, e)
	}
	fix := func(re *regexp.Regexp, c class, what string) {
		s = re.ReplaceAllStringFunc(s, func(m string) string { return r.stand(c, what, m) })
	}
	fix(arn, clusters, "cluster")
	s = asUser.ReplaceAllStringFunc(s, func(m string) string {
		r.counts[users]++
		return asUser.FindStringSubmatch(m)[1] + `"<user>"`
	})
	s = mail.ReplaceAllStringFunc(s, func(m string) string {
		if strings.Contains(m, "@sha256") || strings.Contains(m, "@sha512") {
			return m
		}
		r.counts[users]++
		return "<user>"
	})
	s = homeDir.ReplaceAllStringFunc(s, func(string) string { r.counts[paths]++; return "~" })
	fix(cloud, hosts, "host")
	s = inURL.ReplaceAllStringFunc(s, func(m string) string {
		parts := inURL.FindStringSubmatch(m)
		if everybodysHost(parts[2]) {
			return m
		}
		return parts[1] + r.stand(hosts, "host", parts[2]) + parts[3]
	})
	s = ofServer.ReplaceAllStringFunc(s, func(m string) string {
		parts := ofServer.FindStringSubmatch(m)
		host := strings.Trim(parts[2], `"`)
		if name, _, _ := strings.Cut(host, ":"); everybodysHost(name) || slices.Contains(everybodys, name) {
			return m
		}
		return parts[1] + r.stand(hosts, "host", host)
	})
	s = address4.ReplaceAllStringFunc(s, r.address)
	return address6.ReplaceAllStringFunc(s, r.address)
}

// everybodysHost reports whether a host is none that tells whose it is; an address is looked at by itself.
func everybodysHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return slices.ContainsFunc(public, func(p string) bool { return host == p || strings.HasSuffix(host, "."+p) })
}

func (r *redactor) hideSecrets(s string) string {
	hide := func(string) string { r.counts[secrets]++; return hidden }
	s = privateKey.ReplaceAllStringFunc(s, hide)
	s = tokens.ReplaceAllStringFunc(s, hide)
	s = bearer.ReplaceAllStringFunc(s, func(m string) string {
		r.counts[secrets]++
		return bearer.FindStringSubmatch(m)[1] + " " + hidden
	})
	s = userInfo.ReplaceAllStringFunc(s, func(string) string { r.counts[secrets]++; return "://" + hidden + "@" })
	for _, re := range []*regexp.Regexp{option, variable, keyed} {
		s = re.ReplaceAllStringFunc(s, func(m string) string {
			parts := re.FindStringSubmatch(m)
			if harmless.MatchString(parts[2]) || strings.HasPrefix(parts[2], hidden) {
				return m
			}
			r.counts[secrets]++
			return parts[1] + hidden
		})
	}
	return encoded.ReplaceAllStringFunc(s, func(m string) string {
		const lower, upper, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
		if !strings.ContainsAny(m, lower) || !strings.ContainsAny(m, upper) || !strings.ContainsAny(m, digits) {
			return m // a path, a name or a digest
		}
		return hide(m)
	})
}

// around is the network of an IPv4 address, as large as that of a node's pods usually is.
func around(at netip.Addr) netip.Prefix { return netip.PrefixFrom(at, 24).Masked() }

// address is what stands for an address, or itself where it tells nothing.
func (r *redactor) address(m string) string {
	bare, _, _ := strings.Cut(m, "%")
	at, err := netip.ParseAddr(bare)
	at = at.Unmap()
	if err != nil || at.IsLoopback() || at.IsUnspecified() || at.Is4() && r.keep[around(at)] || m == "255.255.255.255" {
		return m
	}
	return r.stand(addresses, "address", m)
}

// replace takes a known name out.
func (r *redactor) replace(s string, e exactly) string {
	if !strings.Contains(s, e.name) {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, e.name)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(e.name)
		if !e.anywhere && (i > 0 && inWord(s[i-1]) || end < len(s) && inWord(s[end])) ||
			e.anywhere && end < len(s) && inWord(s[end]) {
			b.WriteString(s[:end])
			s = s[end:]
			continue
		}
		b.WriteString(s[:i])
		if e.stand == "" {
			b.WriteString(r.stand(e.class, "host", e.name))
		} else {
			r.counts[e.class]++
			b.WriteString(e.stand)
		}
		s = s[end:]
	}
}

func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' // Korean puts particles right behind a name
}

// all takes names and secrets out of every text from outside that a value holds: each Outside, and each lab.Text, as it may
// quote one.
func (r *redactor) all(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[Outside]():
		v.SetString(r.text(v.String()))
		return
	case v.Type() == reflect.TypeFor[lab.Text]():
		before := r.counts
		t := lab.Text{Ko: r.text(v.Field(0).String())}
		after := r.counts
		t.En = r.text(v.Field(1).String())
		r.counts = after // what both languages quote is the same
		if after == before && t.En != v.Field(1).String() {
			r.counts[secrets]++
		}
		v.Set(reflect.ValueOf(t))
		return
	}
	switch v.Kind() {
	case reflect.String: // a word of ours, unless somebody has made the journal
		v.SetString(lab.Line(v.String(), maxName))
	case reflect.Pointer:
		if !v.IsNil() {
			r.all(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.all(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type() != reflect.TypeFor[time.Time]() {
				r.all(v.Field(i))
			}
		}
	default: // a number
	}
}

// hides says why nothing of what a command prints may be told; zero if it may. line is its line as it can be typed.
func (r *redactor) hides(line string) lab.Text {
	words := strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t,/.='\"|", c) })
	has := func(names ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names, strings.ToLower(w)) })
	}
	switch {
	case has("secret", "secrets", "configmap", "configmaps", "cm", "config", "token", "--raw", "env", "printenv", "environ", "certificate", "csr",
		"serviceaccount", "serviceaccounts", "sa"):
		return lab.T("비밀이 들어 있을 수 있는 출력이라 뺐습니다.", "The output is left out: it may hold secrets.")
	case r.withNames:
		return lab.Text{}
	case has("node", "nodes", "no", "cluster-info", "whoami", "-a", "--all-namespaces"):
		return lab.T("컴퓨터나 사용자의 이름이 들어 있는 출력이라 뺐습니다.", "The output is left out: it holds names of machines or users.")
	}
	return lab.Text{}
}

// told says what was left out.
func (r *redactor) told() []lab.Text {
	var out []lab.Text
	say := func(c class, text func(n int) lab.Text) {
		if n := r.counts[c]; n > 0 {
			out = append(out, text(n))
		}
	}
	say(secrets, func(n int) lab.Text {
		return lab.Textf("비밀로 보이는 값을 %d곳에서 %s 표시로 바꿨습니다.", "What looks like a secret is replaced by %[2]s in places: %[1]d.", n, hidden)
	})
	say(outputs, func(n int) lab.Text {
		return lab.Textf("명령 %d개의 출력을 뺐습니다. 이유는 각 명령에 적혀 있습니다.", "Commands whose output is left out: %d. Each says why.", n)
	})
	say(addresses, func(n int) lab.Text {
		return lab.Textf("IP 주소를 %d곳에서 <address 번호> 표시로 바꿨습니다. 같은 번호는 같은 주소입니다.",
			"IP addresses are replaced by <address number> in places: %d. The same number is the same address.", n)
	})
	say(hosts, func(n int) lab.Text {
		return lab.Textf("호스트나 서버의 이름을 %d곳에서 <host 번호> 표시로 바꿨습니다.", "Names of hosts and servers are replaced by <host number> in places: %d.", n)
	})
	say(users, func(n int) lab.Text {
		return lab.Textf("사용자 이름을 %d곳에서 <user> 표시로 바꿨습니다.", "User names are replaced by <user> in places: %d.", n)
	})
	say(paths, func(n int) lab.Text {
		return lab.Textf("홈 디렉터리나 작업 디렉터리의 경로를 %d곳에서 ~ 또는 <dir> 표시로 바꿨습니다.",
			"Paths of home and working directories are written as ~ or <dir> in places: %d.", n)
	})
	say(clusters, func(n int) lab.Text {
		return lab.Textf("클러스터나 네임스페이스의 이름을 %d곳에서 바꿨습니다.", "Names of clusters and namespaces are replaced in places: %d.", n)
	})
	if len(out) == 0 {
		out = append(out, lab.T("이름이나 비밀 때문에 뺀 것은 없습니다.", "Nothing had to be left out for names or secrets."))
	}
	return out
}
