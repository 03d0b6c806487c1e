package embedded_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/health"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/kubernetes/pkg/probe"
	execprobe "k8s.io/kubernetes/pkg/probe/exec"
	grpcprobe "k8s.io/kubernetes/pkg/probe/grpc"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	tcpprobe "k8s.io/kubernetes/pkg/probe/tcp"

	"healthlab/probes"
)

// BenchmarkKubeletAttempt measures one attempt of each mechanism, with the kubelet's own code and with the engine's,
// against the same server, which runs in the same process. Both get what a worker of theirs has: the kubelet builds
// its request anew for each attempt, the engine keeps it.
func BenchmarkKubeletAttempt(b *testing.B) {
	const timeout = 20 * time.Second
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }
	insecure := httptest.NewServer(http.HandlerFunc(answer))
	b.Cleanup(insecure.Close)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(answer))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	b.Cleanup(secure.Close)

	kubeletHTTP := httpprobe.New(false)
	viaHTTP := func(s *httptest.Server, scheme v1.URIScheme) (probes.Spec, kubeletAttempt) {
		host, port := hostPort(b, s.Listener.Addr().String())
		action := &v1.HTTPGetAction{Scheme: scheme, Path: "/", Port: intstr.FromInt(port)}
		spec := probes.Spec{HTTP: &probes.HTTPAction{Scheme: string(scheme), Port: probes.Port{Number: port}}}
		return spec, func() (probe.Result, string, error) {
			r, err := httpprobe.NewRequestForHTTPGetAction(action, &v1.Container{}, host, "probe")
			if err != nil {
				return probe.Unknown, "", err
			}
			return kubeletHTTP.Probe(r, timeout)
		}
	}
	_, tcpPort := hostPort(b, acceptAndClose(b))
	_, grpcPort := hostPort(b, serveGRPC(b, nil, health.NewServer()))
	kubeletExec, kubeletTCP, kubeletGRPC := execprobe.New(), tcpprobe.New(), grpcprobe.New()

	b.Run("exec", func(b *testing.B) {
		compare(b, probes.Spec{Exec: &probes.ExecAction{Command: []string{"x"}}}, func() (probe.Result, string, error) {
			return kubeletExec.Probe(&runtimeCommand{run: func() ([]byte, error) {
				// The client of the container runtime bounds each call.
				ctx, cancel := context.WithTimeout(context.Background(), timeout)
				defer cancel()
				return []byte("ok"), ctx.Err()
			}})
		})
	})
	b.Run("tcp", func(b *testing.B) {
		spec := probes.Spec{TCP: &probes.TCPAction{Port: probes.Port{Number: tcpPort}}}
		compare(b, spec, func() (probe.Result, string, error) { return kubeletTCP.Probe("127.0.0.1", tcpPort, timeout) })
	})
	b.Run("http", func(b *testing.B) {
		spec, kubelet := viaHTTP(insecure, v1.URISchemeHTTP)
		compare(b, spec, kubelet)
	})
	b.Run("https", func(b *testing.B) {
		spec, kubelet := viaHTTP(secure, v1.URISchemeHTTPS)
		compare(b, spec, kubelet)
	})
	b.Run("grpc", func(b *testing.B) {
		compare(b, probes.Spec{GRPC: &probes.GRPCAction{Port: grpcPort}}, func() (probe.Result, string, error) {
			return kubeletGRPC.Probe("127.0.0.1", "", grpcPort, timeout, grpcprobe.ProbeOptions{})
		})
	})
}

type kubeletAttempt func() (probe.Result, string, error)

// compare lets the kubelet and the engine make attempts, all of which must succeed.
func compare(b *testing.B, spec probes.Spec, kubelet kubeletAttempt) {
	spec.Kind, spec.Timeout = probes.Readiness, 20*time.Second
	prober, err := probes.NewProber(spec, probes.Target{
		Host: "127.0.0.1",
		Exec: func(context.Context, []string, int) ([]byte, int, error) { return []byte("ok"), 0, nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	measure := func(name string, attempt func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := attempt(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
		})
	}
	measure("kubelet", func() error {
		result, message, err := kubelet()
		if err == nil && result != probe.Success {
			err = errors.New(message)
		}
		return err
	})
	measure("engine", func() error {
		a, err := prober.Try(b.Context())
		if err == nil && a.Outcome != probes.Success {
			err = errors.New(a.Message)
		}
		return err
	})
}

func acceptAndClose(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	})
	b.Cleanup(func() {
		_ = listener.Close()
		wg.Wait()
	})
	return listener.Addr().String()
}
