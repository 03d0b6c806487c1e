package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/flowcontrol"

	"healthlab/lab"
)

// Config says which cluster to open and how.
type Config struct {
	// Kubeconfig is the path of the one file to read. Empty: the files that KUBECONFIG lists, or ~/.kube/config.
	Kubeconfig string
	// Context is the kubeconfig context to use. Empty: the file's current context. InCluster, unless the kubeconfig has a
	// context of that name: the service account of the pod that the process runs in.
	Context string
	// Namespace is the lab's; every request stays inside it. Empty: healthchecks.
	Namespace string
	// Real marks a cluster of the user's own, for the header.
	Real bool
	// KubectlCommand is the command line that kubectl's arguments are appended to, such as {"/usr/bin/healthlab",
	// "kubectl"}. Empty: Kubectl refuses.
	KubectlCommand []string
	// ReadOnly lets nothing through that could change the cluster: no kubectl command but those that read, no command in a
	// container and no connection to one.
	ReadOnly bool
	// DryRun has the server check what would be written, and writes nothing. Commands in containers are only shown.
	DryRun bool
	// Owner is noted on what is made on a real cluster, as user@host.
	Owner string
	// Image is what Preflight asks the server about. Empty: alpine.
	Image string
	// NoPrompt keeps credential plug-ins from asking anything on the terminal; one that has to fails.
	NoPrompt bool
	// UserAgent of the API requests. Empty: healthlab.
	UserAgent string
	// Log receives what has no place on the screen. Nil: discarded.
	Log *slog.Logger
}

// Client is the connection to one cluster. Open makes it; Close ends it.
type Client struct {
	config    Config
	rest      *rest.Config
	clientset kubernetes.Interface
	metadata  metadata.Interface
	info      lab.Cluster
	log       *slog.Logger
	streams   flowcontrol.RateLimiter // of requests that are upgraded
	kubeArgs  []string                // --kubeconfig and the like, for kubectl
	kubeFiles string                  // what KUBECONFIG is for kubectl; empty: as it is
	heard     lastHeard
	paces     *paces // of the watches

	conns     sync.WaitGroup // goroutines behind dialed connections
	mu        sync.Mutex
	closed    bool
	silence   error              // why Version got no answer when it last asked
	tunnels   map[string]*tunnel // by pod name
	openConns map[*forwarded]struct{}
}

// defaultNamespace is the one that the labs' texts speak of.
const defaultNamespace = "healthchecks"

// InCluster is the name of the cluster around the pod that the process runs in, where it runs in one.
const InCluster = "in-cluster"

// Open reads the kubeconfig as kubectl does and returns a client for it. It sends nothing: that the server does not answer
// is found by Version or Watch. Errors are *lab.Error.
func Open(config Config) (*Client, error) {
	if config.Namespace == "" {
		config.Namespace = defaultNamespace
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{
		config: config, log: config.Log, paces: newPaces(),
		tunnels: map[string]*tunnel{}, openConns: map[*forwarded]struct{}{},
	}
	if err := c.load(); err != nil {
		return nil, err
	}
	// Where HTTP/2 with its pings cannot be had, this finds out within half a minute that nobody is at the other end any more.
	dialer := net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	c.rest.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return listening{conn, &c.heard}, nil
	}
	c.rest.UserAgent = config.UserAgent
	if c.rest.UserAgent == "" {
		c.rest.UserAgent = "healthlab"
	}
	c.rest.Wrap(func(rt http.RoundTripper) http.RoundTripper { return bounded{rt, c.paces} })
	// One student's console: a handful of watches, a probe's exec every few seconds. Commands and connections to containers
	// have a limit of their own, so that many probes hold up nothing else.
	const perSecond, burst = 20, 40
	c.rest.QPS, c.rest.Burst = perSecond, burst
	c.streams = flowcontrol.NewTokenBucketRateLimiter(perSecond, burst)
	watched := rest.CopyConfig(c.rest)
	watched.Wrap(func(rt http.RoundTripper) http.RoundTripper { return observed{rt} })
	var err error
	c.clientset, err = kubernetes.NewForConfig(watched)
	if err == nil {
		c.metadata, err = metadata.NewForConfig(c.rest)
	}
	if err != nil {
		return nil, lab.Errorf(err, "kubeconfig 컨텍스트 %q의 내용이 올바르지 않습니다", "context %q of the kubeconfig is not valid", c.info.Name)
	}
	c.info.Namespace, c.info.Real, c.info.Server = config.Namespace, config.Real, c.rest.Host
	c.info.ReadOnly, c.info.DryRun = config.ReadOnly, config.DryRun
	return c, nil
}

// load reads the kubeconfig, or what the pod around the process has instead.
func (c *Client) load() error {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.WarnIfAllMissing = false
	if c.config.Kubeconfig != "" {
		rules.ExplicitPath = c.config.Kubeconfig
		c.kubeArgs = append(c.kubeArgs, "--kubeconfig="+c.config.Kubeconfig)
	} else {
		c.kubeFiles = filesOf(rules)
	}
	raw, err := readKubeconfig(rules)
	if err != nil {
		return err
	}
	if _, named := raw.Contexts[InCluster]; c.config.Context == InCluster && c.config.Kubeconfig == "" && !named {
		if c.rest, err = rest.InClusterConfig(); err == nil {
			c.info.Name = InCluster
			// An empty kubeconfig makes kubectl look around itself, too.
			c.kubeArgs = append(c.kubeArgs, "--kubeconfig="+os.DevNull)
			return nil
		}
		return lab.Errorf(err, "파드 안에서 실행 중이 아니므로 in-cluster를 쓸 수 없습니다. --context로 kubeconfig의 컨텍스트를 고르십시오",
			"in-cluster works only inside a pod: choose a context of the kubeconfig with --context")
	}
	return c.loadKubeconfig(rules, raw)
}

func (c *Client) loadKubeconfig(rules *clientcmd.ClientConfigLoadingRules, raw clientcmdapi.Config) error {
	files := filesOf(rules)
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules,
		&clientcmd.ConfigOverrides{CurrentContext: c.config.Context})
	name := c.config.Context
	if name == "" {
		name = raw.CurrentContext
	}
	if err := checkContext(raw, name, files); err != nil {
		return err
	}
	if err := checkCredentials(raw, name); err != nil {
		return err
	}
	var err error
	c.rest, err = loader.ClientConfig()
	if err != nil {
		return lab.Errorf(err, "kubeconfig %[2]s의 컨텍스트 %[1]q을(를) 쓸 수 없습니다", "context %[1]q of the kubeconfig %[2]s cannot be used", name, files)
	}
	if c.config.NoPrompt && c.rest.ExecProvider != nil {
		c.rest.ExecProvider.StdinUnavailable = true
		c.rest.ExecProvider.StdinUnavailableMessage = "the terminal is in use"
	}
	c.info.Name = name
	c.kubeArgs = append(c.kubeArgs, "--context="+name)
	return nil
}

// filesOf names the files that rules read.
func filesOf(rules *clientcmd.ClientConfigLoadingRules) string {
	return lab.Printable(strings.Join(rules.GetLoadingPrecedence(), string(os.PathListSeparator)))
}

const (
	// maxKubeconfig is how large a kubeconfig may be, in bytes: far more than any has.
	maxKubeconfig = 16 << 20
	// maxCredential is how large each file that one names may be, in bytes.
	maxCredential = 1 << 20
)

// checkCredentials refuses a context whose certificates, key or token could be read without end.
func checkCredentials(raw clientcmdapi.Config, name string) error {
	context := raw.Contexts[name]
	var paths []string
	if cluster := raw.Clusters[context.Cluster]; cluster != nil {
		paths = append(paths, cluster.CertificateAuthority)
	}
	if user := raw.AuthInfos[context.AuthInfo]; user != nil {
		paths = append(paths, user.ClientCertificate, user.ClientKey, user.TokenFile)
	}
	for _, path := range paths {
		if path == "" {
			continue
		}
		if err := checkFile(lab.T("자격 증명 파일", "credentials file"), path, maxCredential); err != nil {
			return err
		}
	}
	return nil
}

// checkFile refuses what could be read without end, or never be opened. what says what the file is.
func checkFile(what lab.Text, path string, most int64) error {
	var why lab.Text
	info, err := os.Stat(path)
	switch {
	case err != nil, path == os.DevNull:
		return nil //nolint:nilerr // whether that matters is for client-go to say
	case info.IsDir():
		why = lab.T("디렉터리입니다", "it is a directory")
	case !info.Mode().IsRegular():
		why = lab.T("보통 파일이 아닙니다", "it is not a regular file")
	case info.Size() > most:
		why = lab.Textf("%d MiB로 너무 큽니다", "it is too large (%d MiB)", info.Size()>>20)
	default:
		return nil
	}
	return lab.Errorf(nil, "%s %s을(를) 읽을 수 없습니다: %s", "cannot read the %s %s: %s", what, lab.Printable(path), why)
}

// readKubeconfig reads and merges the files as kubectl does.
func readKubeconfig(rules *clientcmd.ClientConfigLoadingRules) (clientcmdapi.Config, error) {
	for _, path := range rules.GetLoadingPrecedence() {
		if err := checkFile(lab.T("kubeconfig", "kubeconfig"), path, maxKubeconfig); err != nil {
			return clientcmdapi.Config{}, err
		}
	}
	raw, err := rules.Load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return clientcmdapi.Config{}, lab.Errorf(nil, "kubeconfig 파일 %s이(가) 없습니다. --kubeconfig의 경로를 확인하십시오",
			"there is no kubeconfig file %s; check the path given to --kubeconfig", filesOf(rules))
	case err != nil:
		return clientcmdapi.Config{}, lab.Errorf(err, "kubeconfig %s을(를) 읽을 수 없습니다", "cannot read the kubeconfig %s", filesOf(rules))
	}
	return *raw, nil
}

// checkContext says what is wrong with the choice of a context before client-go falls back to localhost:8080.
func checkContext(raw clientcmdapi.Config, name, files string) error {
	if len(raw.Contexts) == 0 {
		return lab.Errorf(nil, "kubeconfig %s에 컨텍스트가 없습니다. --kubeconfig로 다른 파일을 지정하십시오",
			"the kubeconfig %s has no contexts; name another file with --kubeconfig", files)
	}
	names := make([]string, 0, len(raw.Contexts))
	for n := range raw.Contexts {
		names = append(names, fmt.Sprintf("%q", n))
	}
	list := strings.Join(sorted(names), ", ")
	if name == "" {
		return lab.Errorf(nil, "kubeconfig %s에 현재 컨텍스트가 없습니다. --context로 하나를 고르십시오: %s",
			"the kubeconfig %s has no current context; choose one with --context: %s", files, list)
	}
	context, ok := raw.Contexts[name]
	if !ok {
		return lab.Errorf(nil, "kubeconfig %[2]s에 컨텍스트 %[1]q이(가) 없습니다. 있는 것: %[3]s",
			"there is no context %[1]q in the kubeconfig %[2]s: choose one of %[3]s", name, files, list)
	}
	cluster, found := raw.Clusters[context.Cluster]
	if found && lab.Printable(name+context.Namespace+cluster.Server) != name+context.Namespace+cluster.Server {
		return lab.Errorf(nil, "kubeconfig %[2]s의 컨텍스트 %[1]q에 제어 문자가 있습니다. 믿을 수 있는 파일인지 확인하십시오",
			"context %[1]q of the kubeconfig %[2]s contains control characters: make sure that you trust the file", name, files)
	}
	if !found {
		return lab.Errorf(nil, "컨텍스트 %[1]q이(가) 가리키는 클러스터 %[2]q이(가) kubeconfig %[3]s에 없습니다",
			"context %[1]q refers to cluster %[2]q, which is not in the kubeconfig %[3]s", name, context.Cluster, files)
	}
	if _, ok := raw.AuthInfos[context.AuthInfo]; context.AuthInfo != "" && !ok {
		return lab.Errorf(nil, "컨텍스트 %[1]q이(가) 가리키는 사용자 %[2]q이(가) kubeconfig %[3]s에 없습니다",
			"context %[1]q refers to user %[2]q, which is not in the kubeconfig %[3]s", name, context.AuthInfo, files)
	}
	return nil
}

// Info tells which cluster this is. Version is empty until Version has asked the server.
func (c *Client) Info() lab.Cluster {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

// Version asks the API server for its version, such as v1.37.2. It is the first thing that finds out that a server does
// not answer; the error is a *lab.Error that says why.
func (c *Client) Version(ctx context.Context) (string, error) {
	version, err := c.version(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silence = nil
	var answer apierrors.APIStatus
	switch {
	case err == nil:
		c.info.Version = version
	case !errors.Is(ctx.Err(), context.Canceled) && !errors.As(err, &answer):
		c.silence = err
	}
	return version, err
}

func (c *Client) version(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, serverPatience)
	defer cancel()
	var version struct {
		GitVersion string `json:"gitVersion"`
	}
	body, err := within(ctx, func() ([]byte, error) {
		answer, err := c.clientset.Discovery().RESTClient().Get().AbsPath("/version").Stream(ctx)
		if err != nil {
			return nil, c.whyBroken(ctx, err)
		}
		defer answer.Close()
		return io.ReadAll(io.LimitReader(answer, 64<<10)) // whoever answers may go on without end
	})
	if err == nil {
		err = json.Unmarshal(body, &version)
	}
	if err == nil && version.GitVersion == "" {
		err = errNoVersion
	}
	if err != nil {
		return "", explain(c.info.Server, err)
	}
	return version.GitVersion, nil
}

// errNoVersion is why an answer that is well-formed JSON is not an API server's.
var errNoVersion = errors.New("the answer has no gitVersion")

// ErrHangs is why Version failed if a credential plug-in does not come back. Nothing should be asked of the client then:
// client-go waits for the plug-in without regard to any context.
var ErrHangs = errors.New("the credential plug-in does not come back")

// within returns what ask does, or ErrHangs if it does not heed the end of ctx.
func within(ctx context.Context, ask func() ([]byte, error)) ([]byte, error) {
	var body []byte
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		body, err = ask()
	}()
	select {
	case <-done:
		return body, err
	case <-ctx.Done():
	}
	late := time.NewTimer(2 * time.Second)
	defer late.Stop()
	select {
	case <-done:
		return body, err
	case <-late.C:
		return nil, lab.Errorf(ErrHangs, "자격 증명 플러그인이 답하지 않습니다. 터미널에서 먼저 로그인하십시오",
			"the credential plug-in does not answer; log in on the terminal first")
	}
}

// Close ends every connection that Dial handed out and waits for what serves them. An upgrade under way cannot be cut off
// and is waited for at most two seconds.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	for conn := range c.openConns {
		conn.abort()
	}
	for _, t := range c.tunnels {
		t.close()
	}
	c.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		c.conns.Wait()
		close(ended)
	}()
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		c.log.Warn("port-forward connections still opening at the end")
	}
}
