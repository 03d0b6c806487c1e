package report

import (
	"strings"
	"testing"

	"healthlab/lab"
)

// known is a redactor as a report on a cluster of kim's has it.
func known(withNames bool) *redactor {
	r := newRedactor(withNames)
	r.knowMachine(Names{Host: "kims-laptop.example.org", User: "kimjihye", Home: "/home/kimjihye"})
	r.knowCluster(lab.Cluster{
		Name: "prod-eu", Server: "https://api.prod.example.com:6443", Namespace: "healthchecks-minsu", Real: true,
	})
	r.knowPod(lab.Pod{Node: "worker-7.rack2", IP: "10.1.2.3", Containers: []lab.Container{{Image: "registry.example.net:5000/library/alpine"}}}, true)
	r.ready()
	return r
}

func TestNamesAreTakenOut(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"the server", "The connection to the server api.prod.example.com:6443 was refused", "The connection to the server <host 1> was refused"},
		{
			"another server", "Unable to connect to the server: dial tcp: lookup k8s.other.example on 10.0.0.2:53: no such host",
			"Unable to connect to the server: dial tcp: lookup <host 1> on <address 1>:53: no such host",
		},
		{"a URL", "Get https://k8s.other.example:8443/api?timeout=32s: EOF", "Get https://<host 1>:8443/api?timeout=32s: EOF"},
		{"a page that everybody knows", "see https://kubernetes.io/docs/", "see https://kubernetes.io/docs/"},
		{"a node", "Successfully assigned healthchecks/web to worker-7.rack2", "Successfully assigned healthchecks/web to <host 1>"},
		{"a node that is not known", "Successfully assigned healthchecks/web to worker-8", "Successfully assigned healthchecks/web to <host 1>"},
		{"describe pod", "Node:             worker-9/10.0.7.1", "Node:             <host 1>/<address 1>"},
		{"a node in YAML", "  nodeName: worker-9\n  hostIP: 10.0.7.1", "  nodeName: <host 1>\n  hostIP: <address 1>"},
		{"nodes of clouds", "ip-10-0-1-2.eu-north-1.compute.internal and ip-10-0-1-2", "<host 1> and <host 2>"},
		{"the same twice", "worker-7.rack2 worker-7.rack2 10.9.9.9 10.9.9.9", "<host 1> <host 1> <address 1> <address 1>"},
		{"a registry", `Pulling image "registry.example.net:5000/library/alpine"`, `Pulling image "<host 1>/library/alpine"`},
		{"addresses", "10.0.0.1 192.168.1.7 fe80::1 2001:db8::17 ::ffff:10.0.0.1", "<address 1> <address 2> <address 3> <address 4> ::ffff:<address 1>"},
		{"this machine's", "127.0.0.1 ::1 0.0.0.0", "127.0.0.1 ::1 0.0.0.0"},
		{"this machine's, as an app that listens on both writes it", `::ffff:127.0.0.1 - - "GET /health"`, `::ffff:127.0.0.1 - - "GET /health"`},
		{"times and versions are no addresses", "13:02:10 v1.37.2 1.2.3", "13:02:10 v1.37.2 1.2.3"},
		{"paths", "/home/kimjihye/lab.yaml and /home/other/x, /Users/kim/y, C:\\Users\\kim\\z", "~/lab.yaml and ~/x, ~/y, ~\\z"},
		{"the user", "owned by kimjihye", "owned by <user>"},
		{"a name with a particle", "kimjihye의 파드, worker-7.rack2에서", "<user>의 파드, <host 1>에서"},
		{"a part of another word", "kimjihye2 xkimjihye", "kimjihye2 xkimjihye"},
		{"an owner", "healthlab/owner: kimjihye@kims-laptop", "healthlab/owner: <user>@<host 1>"},
		{"another owner", "healthlab/owner: lee@other-laptop", "healthlab/owner: <user>"},
		{"who is forbidden", `pods is forbidden: User "arn:aws:sts::123456789012:assumed-role/dev/lee" cannot list`, `pods is forbidden: User "<user>" cannot list`},
		{"the cluster", "Switched to context prod-eu.", "Switched to context <cluster>."},
		{"the student", "namespace/healthchecks-minsu created", "namespace/healthchecks-<user> created"},
		{
			"a digest is no user", "alpine@sha256:e857e3a8c08cffc73eb3f6d481bcf8c527329b260956bfea6aa63d122eb09f4d",
			"alpine@sha256:e857e3a8c08cffc73eb3f6d481bcf8c527329b260956bfea6aa63d122eb09f4d",
		},
		{
			"the ID of a container", "containerd://e0e353d5a1e36875048e78fe6aa58281c3b388ae0a53556fdbb2b124b66bf64e",
			"containerd://e0e353d5a1e36875048e78fe6aa58281c3b388ae0a53556fdbb2b124b66bf64e",
		},
		{"the name of a pod", "readiness-deployment-5f6755f4fd-6t5l9   1/1   Running", "readiness-deployment-5f6755f4fd-6t5l9   1/1   Running"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := known(false).text(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := known(true).text(tt.in); got != tt.in {
				t.Errorf("with names: %s", got)
			}
		})
	}
}

func TestSecretsAreAlwaysTakenOut(t *testing.T) {
	const secret = "s3cr3tV4lue"
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0." + secret
	for name, in := range map[string]string{
		"a JSON Web Token":     "token is " + jwt,
		"a header":             "Authorization: Bearer " + secret,
		"an option":            "kubectl --token=" + secret + " get pods",
		"an option of a shell": "kubectl create secret generic x --from-literal 'a=" + secret + " b'",
		"a password":           `password: "` + secret + `"`,
		"a variable":           "DB_PASSWORD=" + secret,
		"another one":          "API_KEY=" + secret,
		"JSON":                 `{"clientSecret":"` + secret + `"}`,
		"one in YAML":          "    env:\n    - name: DB_PASSWORD\n      value: " + secret,
		"one in JSON":          `{"name":"API_TOKEN","value":"` + secret + `"}`,
		"a kubeconfig":         "    client-key-data: " + secret,
		"a certificate":        "certificate-authority-data: " + secret,
		"a private key":        "-----BEGIN RSA PRIVATE KEY-----\n" + secret + "\n-----END RSA PRIVATE KEY-----",
		"one that is cut":      "-----BEGIN PRIVATE KEY-----\n" + secret,
		"a URL":                "https://kim:" + secret + "@example.org/",
		"a cookie":             "Set-Cookie: " + secret,
		"base64":               "data " + "TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsuIDEyMzQ1Njc4OTAxMjM0NTY3ODkw" + secret,
		"GitHub's":             "ghp_" + strings.Repeat("a1", 10) + secret,
	} {
		t.Run(name, func(t *testing.T) {
			for _, withNames := range []bool{false, true} {
				if got := known(withNames).text(in); strings.Contains(got, secret) || !strings.Contains(got, hidden) {
					t.Errorf("it is still there: %s", got)
				}
			}
		})
	}
	for _, harmless := range []string{
		"automountServiceAccountToken: false", "TokenExpirationSeconds:  3607", "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-hkrrk (ro)",
		"SecretName:  <none>", "no token",
	} {
		if got := known(false).text(harmless); got != harmless {
			t.Errorf("%q became %q", harmless, got)
		}
	}
}

func TestOutputsThatAreLeftOut(t *testing.T) {
	for _, tt := range []struct {
		line             string
		always, forNames bool
	}{
		{"kubectl get pods", false, false},
		{"kubectl -n healthchecks describe pods liveness-app", false, false},
		{"kubectl logs liveness-app --tail 10", false, false},
		{"kubectl get secret db -o yaml", true, true},
		{"kubectl get pods,secrets", true, true},
		{"kubectl get secret/db -o jsonpath={.data.password}", true, true},
		{"kubectl describe cm app", true, true},
		{"kubectl config view --raw", true, true},
		{"kubectl create token default", true, true},
		{"kubectl get --raw /api/v1/namespaces/x/secrets", true, true},
		{"kubectl exec web -- env", true, true},
		{"kubectl exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/token", true, true},
		{"kubectl exec web -- cat /proc/1/environ", true, true},
		{"kubectl get nodes -o wide", false, true},
		{"kubectl describe node/worker-1", false, true},
		{"kubectl cluster-info", false, true},
		{"kubectl auth whoami", false, true},
		{"kubectl get pods -A", false, true},
	} {
		t.Run(tt.line, func(t *testing.T) {
			if why := known(true).hides(tt.line); why.IsZero() == tt.always {
				t.Errorf("with names: %q", why.En)
			}
			if why := known(false).hides(tt.line); why.IsZero() == tt.forNames {
				t.Errorf("without names: %q", why.En)
			}
		})
	}
}

// Nothing of what is known of the machine and of the cluster is anywhere in a report, in whatever form.
func TestReportWithoutNames(t *testing.T) {
	s := begin("https://api.prod.example.com:6443")
	s.start(2, "web-1", "10.1.2.3", true, livenessProbe())
	s.pod(3, "web-1", func(p *lab.Pod, c *lab.Container) {
		p.Node, c.Image = "worker-7.rack2", "registry.example.net:5000/library/alpine"
	})
	s.event(4, "web-1", "Warning", "Failed", `pods is forbidden: User "kim" on worker-7.rack2 (10.0.7.1), token: abcdefghijkl`, 1)
	s.run(5, 6, "kubectl -n healthchecks-kim get pods -o wide", "NAME  NODE\nweb-1  worker-7.rack2\n10.0.7.1 kim@kims-laptop /home/kim/x\nhttps://api.prod.example.com:6443\n")
	s.run(7, 8, "kubectl config view --raw", "users:\n- name: kim\n  user: {token: abcdefghijkl}\n")
	s.run(9, 10, "kubectl get nodes", "worker-7.rack2 Ready\n")
	names := []string{"prod.example", "worker-7", "registry.example", "10.0.7.1", "10.1.2.3", "kim", "laptop", "/home/", "arn:aws", "123456789012"}
	for _, form := range []string{"md", "html", "json"} {
		t.Run(form, func(t *testing.T) {
			without := in(t, s.report(), form, lab.English)
			for _, name := range append(names, "abcdefghijkl") {
				if strings.Contains(without, name) {
					i := strings.Index(without, name)
					t.Errorf("%s is in it: …%s…", name, without[max(i-60, 0):min(i+60, len(without))])
				}
			}
			with := in(t, s.report(func(s *Source) { s.WithNames = true }), form, lab.English)
			for _, name := range []string{"prod.example", "worker-7", "10.0.7.1", "kim"} {
				if !strings.Contains(with, name) {
					t.Errorf("%s is not in it, though names were asked for", name)
				}
			}
			if strings.Contains(with, "abcdefghijkl") {
				t.Error("the token is in it")
			}
		})
	}
	t.Run("what was left out is told", func(t *testing.T) {
		var told []string
		for _, l := range s.report().LeftOut {
			told = append(told, l.En)
		}
		for _, part := range []string{"secret", "output is left out: 2", "IP addresses", "hosts", "User names", "home and working directories", "clusters"} {
			if !strings.Contains(strings.Join(told, "\n"), part) {
				t.Errorf("%q is not told: %q", part, told)
			}
		}
	})
}

// The addresses of pods on healthlab's own cluster are nobody's, and say which is which.
func TestAddressesOfTheEmbeddedCluster(t *testing.T) {
	s := begin("")
	s.start(2, "web-1", "10.244.0.2", true, livenessProbe())
	s.run(5, 6, "kubectl get pods -o wide", "web-1 10.244.0.2 ::ffff:10.244.0.1 192.168.1.17\n")
	if out := s.report().Done[0].Output; out != "web-1 10.244.0.2 ::ffff:10.244.0.1 <address 1>" {
		t.Errorf("output = %q", out)
	}
}
