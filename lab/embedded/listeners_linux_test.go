package embedded

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"

	"healthlab/lab/node/gate"
)

// TestListeners holds the table in the package's doc and in the READMEs against what the process and its children listen on,
// and tries each listener without a credential.
func TestListeners(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	namespace := makeNamespace(t, client)
	makeListeningPod(t, client, namespace)
	node, err := client.CoreV1().Nodes().Get(t.Context(), NodeName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	api := c.listener.Addr().String()
	kubelet := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(node.Status.DaemonEndpoints.KubeletEndpoint.Port)))
	run := c.run.dir

	seen := map[string]bool{}
	for _, l := range listening(t) {
		name := ""
		switch {
		case l.network == "tcp" && l.address == api:
			name = "API server"
			answersNothing(t, name, l.address, http.StatusUnauthorized)
		case l.network == "tcp" && l.address == kubelet:
			name = "kubelet API"
			refusesHandshake(t, name, l.address)
		case l.network == "unix" && l.address == filepath.Join(run, "etcd.sock"):
			name = "etcd"
			isPrivate(t, run)
		case l.network == "tcp" && strings.HasPrefix(l.address, "127.0.0.1:"):
			name = "container"
			saysNothing(t, l.address)
		case l.network == "udp" && strings.HasPrefix(l.address, "127.0.0.1:"): // or a container
			name = "cluster DNS"
			answersNoDatagram(t, l.address)
		default:
			t.Errorf("%s %s is in no table", l.network, l.address)
		}
		seen[name] = true
	}
	for _, document := range []string{"doc.go", "../../README.md", "../../README.ko.md"} {
		rows := tableOf(t, document)
		for _, name := range []string{"API server", "kubelet API", "etcd", "container", "cluster DNS"} {
			if !seen[name] {
				t.Errorf("nothing listens that is the %s", name)
			}
			if !slices.ContainsFunc(rows, func(row string) bool {
				return strings.HasPrefix(row, name) && (strings.Contains(row, "127.0.0.1") || strings.Contains(row, "run-PORT"))
			}) {
				t.Errorf("%s has no row on the listener %s", document, name)
			}
		}
	}
}

// TestFlood connects without a credential, as any user of the machine can: that must take only so many of the process's
// files, which etcd needs too, and leave the owner's connection alone.
func TestFlood(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	node, err := client.CoreV1().Nodes().Get(t.Context(), NodeName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	kubelet := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(node.Status.DaemonEndpoints.KubeletEndpoint.Port)))
	for _, address := range []string{c.listener.Addr().String(), kubelet} {
		var flood []net.Conn
		for range 3 * gate.Unproven {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			flood = append(flood, conn)
		}
		for i, conn := range flood[:2*gate.Unproven] {
			if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("connection %d to %s is held without a credential", i, address)
			}
		}
		if _, err := client.CoreV1().Nodes().Get(t.Context(), NodeName, metav1.GetOptions{}); err != nil {
			t.Errorf("while %s is flooded: %v", address, err)
		}
	}
}

// TestEtcdOnAPort is about where there is no room for the path of a socket.
func TestEtcdOnAPort(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, strings.Repeat("long", socketPathLimit/4))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := newPKI(long)
	if err != nil {
		t.Fatal(err)
	}
	before := listening(t)
	endpoint, part, err := startEtcd(t.Context(), long, p, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	address, ok := strings.CutPrefix(endpoint.url, "https://")
	if !ok || !endpoint.tls {
		t.Errorf("the API server is to find etcd at %s, want https", endpoint.url)
	}
	for _, l := range listening(t) {
		if slices.Contains(before, l) {
			continue
		}
		if l.address != address {
			t.Errorf("etcd listens on %s %s too", l.network, l.address)
		}
	}
	refusesHandshake(t, "etcd", address)
	if err := part.stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// makeListeningPod makes a pod with a server in it, and returns when that answers its probe.
func makeListeningPod(t *testing.T, client kubernetes.Interface, namespace string) {
	t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "server", Namespace: namespace},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "server", Image: "nginx",
			ReadinessProbe: &corev1.Probe{
				ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Port: intstr.FromInt32(80)}},
				PeriodSeconds: 1,
			},
		}}},
	}
	if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pod is ready", func(ctx context.Context) (bool, error) {
		pod, err := client.CoreV1().Pods(namespace).Get(ctx, "server", metav1.GetOptions{})
		return err == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}), err
	})
}

// answersNothing tries an HTTPS server that asks for a credential in HTTP.
func answersNothing(t *testing.T, name, address string, want int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: stranger(), DisableKeepAlives: true}}
	for _, path := range []string{
		"/", "/version", "/healthz", "/livez?verbose", "/readyz", "/metrics", "/debug/pprof/", "/openapi/v2", "/api",
		"/api/v1/namespaces", "/apis/nothing", "/.well-known/openid-configuration", "/openid/v1/jwks", "/logs/",
	} {
		response, err := client.Get("https://" + address + path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s answers %s with %s to a stranger, want %d", name, path, response.Status, want)
		}
	}
}

// refusesHandshake tries a server that wants a certificate of its clients, with none and with one of somebody else's.
func refusesHandshake(t *testing.T, name, address string) {
	t.Helper()
	others, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := others.issue(pkix.Name{CommonName: "healthlab-internal", Organization: []string{"system:masters"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.X509KeyPair(pair.cert, pair.key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		client *tls.Config
	}{
		{"no certificate", stranger()},
		{"somebody else's certificate", &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{certificate}}},
	} {
		conn, err := tls.Dial("tcp", address, c.client)
		if err == nil {
			// With TLS 1.3 the client learns with its first read that it was refused.
			fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
			var n int
			n, err = conn.Read(make([]byte, 1))
			if closeErr := conn.Close(); closeErr != nil {
				t.Log(closeErr)
			}
			if n > 0 {
				t.Errorf("%s answers a client with %s", name, c.name)
			}
		}
		if err == nil || !strings.Contains(err.Error(), "tls: ") {
			t.Errorf("%s to a client with %s: %v, want an alert of TLS", name, c.name, err)
		}
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if strings.Contains(string(answer), "200") || len(answer) > 200 {
		t.Errorf("%s answers without TLS: %q, %v", name, answer, err)
	}
}

// stranger is somebody who has no certificate.
func stranger() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// saysNothing tries a port of a container from outside of the pod network.
func saysNothing(t *testing.T, address string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n")
	n, err := conn.Read(make([]byte, 1))
	if n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the container's port %s: %d bytes, %v; want it closed without a byte", address, n, err)
	}
}

// answersNoDatagram checks that whoever does not know the key of a server gets no answer to a question.
func answersNoDatagram(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	question, err := new(dns.Msg).SetQuestion("kubernetes.default.svc.cluster.local.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(question); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 512)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("UDP %s answers a stranger with %d bytes, %v", address, n, err)
	}
}

// isPrivate checks that only the user may enter a directory.
func isPrivate(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != fs.ModeDir|0o700 {
		t.Errorf("mode of %s is %v, want that of a directory that only the user may enter", dir, got)
	}
}

// socket is a listening socket.
type socket struct{ network, address string }

// listening returns what this process and its children listen on, as the kernel sees it.
func listening(t *testing.T) []socket {
	t.Helper()
	ours := map[string]bool{}
	for _, pid := range family(t) {
		descriptors, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, d := range descriptors {
			if to, err := os.Readlink(d); err == nil { // it may be closed by now
				if inode, ok := strings.CutPrefix(to, "socket:["); ok {
					ours[strings.TrimSuffix(inode, "]")] = true
				}
			}
		}
	}
	var found []socket
	const listens, unconnected = "0A", "07"
	for network, state := range map[string]string{"tcp": listens, "tcp6": listens, "udp": unconnected, "udp6": unconnected} {
		for _, fields := range tableOfKernel(t, network) {
			if fields[3] == state && ours[fields[9]] {
				found = append(found, socket{network, addressOf(t, fields[1])})
			}
		}
	}
	for _, fields := range tableOfKernel(t, "unix") {
		const acceptsConnections = 0x10000
		flags, err := strconv.ParseUint(fields[3], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		if flags&acceptsConnections == 0 || !ours[fields[6]] {
			continue
		}
		found = append(found, socket{"unix", strings.Join(fields[7:], " ")})
	}
	return found
}

// family is this process and those that it has started, and they.
func family(t *testing.T) []int {
	t.Helper()
	parents := map[int]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(after)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || len(fields) < 2 {
			t.Fatalf("%s: %q", file, content)
		}
		if parents[pid], err = strconv.Atoi(fields[1]); err != nil {
			t.Fatal(err)
		}
	}
	all := []int{os.Getpid()}
	for i := 0; i < len(all); i++ {
		for pid, parent := range parents {
			if parent == all[i] {
				all = append(all, pid)
			}
		}
	}
	return all
}

func tableOfKernel(t *testing.T, network string) (rows [][]string) {
	t.Helper()
	f, err := os.Open("/proc/self/net/" + network)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // without IPv6
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan() // the head
	for lines.Scan() {
		rows = append(rows, strings.Fields(lines.Text()))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// addressOf reads an address as the kernel writes it: four bytes of an IPv4 address in the machine's order, and the port.
func addressOf(t *testing.T, hex string) string {
	t.Helper()
	host, port, _ := strings.Cut(hex, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	address, err := strconv.ParseUint(host, 16, 32)
	if err != nil {
		return hex // IPv6, which nothing of ours should have
	}
	ip := make(net.IP, net.IPv4len)
	binary.NativeEndian.PutUint32(ip, uint32(address))
	return net.JoinHostPort(ip.String(), strconv.FormatUint(number, 10))
}

// tableOf returns the rows of the tables in a document, without what draws them.
func tableOf(t *testing.T, file string) (rows []string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		rows = append(rows, strings.TrimLeft(line, "/|\t "))
	}
	return rows
}
