package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"

	"healthlab/lab"
)

// explain tells the user why the API server at server did not do what was asked.
func explain(server string, err error) *lab.Error {
	var known *lab.Error
	if errors.As(err, &known) {
		return known
	}
	return &lab.Error{Msg: reason(server, err), Cause: err}
}

// reason sorts err by what the user can do about it.
func reason(server string, err error) lab.Text {
	var (
		unknownAuthority x509.UnknownAuthorityError
		invalid          x509.CertificateInvalidError
		wrongHost        x509.HostnameError
		noHost           *net.DNSError
		timeout          net.Error
		endless          *excess
		elsewhere        *astray
	)
	switch {
	case errors.As(err, &endless):
		return lab.Textf("API 서버 %s의 답에 끝이 없어 연결을 끊었습니다(%s). kubeconfig의 server를 확인하거나 다른 컨텍스트를 고르십시오",
			"the API server %s sends more than an API server would (%s), so the connection was closed: check the server in the "+
				"kubeconfig, or choose another context", server, endless.what)
	case errors.As(err, &elsewhere):
		return lab.Textf("%s은(는) Kubernetes API 서버가 아닌 것 같습니다. %s", "%s does not seem to be a Kubernetes API server: %s",
			server, elsewhere.told)
	case strings.Contains(err.Error(), "exec plugin") || strings.Contains(err.Error(), "getting credentials"):
		return lab.Textf("자격 증명 플러그인이 실패했습니다: %[2]s", "the credential plug-in failed: %[2]s", server, pluginFault(err))
	case apierrors.IsUnauthorized(err):
		return lab.Textf("API 서버(%s)가 자격 증명을 거절했습니다. 만료되었으면 다시 로그인하십시오",
			"the API server %s refuses the credentials; if they have expired, log in again", server)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return lab.T("네임스페이스가 삭제되는 중입니다. 끝날 때까지 기다리거나 --namespace로 다른 것을 고르십시오",
			"the namespace is being deleted; wait until it is gone or choose another with --namespace")
	case apierrors.IsForbidden(err):
		return lab.Textf("권한이 없습니다: %[2]s", "not permitted: %[2]s", server, brief(err))
	case apierrors.IsTooManyRequests(err):
		return lab.Textf("API 서버(%s)가 요청이 너무 많다고 합니다. 잠시 뒤에 다시 시도합니다",
			"the API server %s reports too many requests; trying again shortly", server)
	case strings.Contains(err.Error(), dialingBackend):
		_, why, _ := strings.Cut(brief(err), dialingBackend)
		return lab.Textf("API 서버가 노드의 kubelet에 연결하지 못합니다: %s", "the API server cannot reach the node's kubelet: %s", why)
	case errors.As(err, &unknownAuthority), errors.As(err, &invalid), errors.As(err, &wrongHost):
		return lab.Textf("API 서버 %s의 인증서를 믿을 수 없습니다: %s",
			"the certificate of the API server %s cannot be trusted: %s", server, brief(err))
	case errors.Is(err, syscall.ECONNREFUSED):
		return lab.Textf("API 서버(%s)가 연결을 받지 않습니다", "the API server %s refuses connections", server)
	case errors.As(err, &noHost):
		return lab.Textf("API 서버의 이름(%[2]s)을 찾을 수 없습니다", "the API server's name %[2]s cannot be found", server, noHost.Name)
	case clientCertificate(err):
		return lab.Textf("API 서버(%s)가 클라이언트 인증서를 받아들이지 않습니다. 만료되었으면 새 kubeconfig를 받으십시오: %s",
			"the API server %s does not accept the client certificate; if it has expired, get a new kubeconfig: %s", server, brief(err))
	case broken(err):
		return lab.Textf("API 서버(%s)로 가는 연결이 끊어졌습니다", "the connection to the API server %s was closed", server)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		strings.Contains(err.Error(), "would exceed context deadline"), silent(err):
		return lab.Textf("API 서버(%s)가 제때 답하지 않습니다", "the API server %s does not answer in time", server)
	case somethingElse(err):
		return lab.Textf("%s은(는) Kubernetes API 서버가 아닌 것 같습니다", "%s does not seem to be a Kubernetes API server", server)
	default:
		return lab.Textf("API 서버 %s: %s", "API server %s: %s", server, brief(err))
	}
}

// dialingBackend is what an API server says before the reason why exec, logs or port-forward got no further than itself.
const dialingBackend = "error dialing backend: "

// clientCertificate reports whether the server refused the client's certificate. crypto/tls does not export such errors.
func clientCertificate(err error) bool {
	_, alert, remote := strings.Cut(err.Error(), "remote error: tls: ")
	return remote && strings.Contains(alert, "certificate")
}

// somethingElse reports whether an answer is one that no API server gives.
func somethingElse(err error) bool {
	var (
		syntax  *json.SyntaxError
		shape   *json.UnmarshalTypeError
		notTLS  tls.RecordHeaderError
		content runtime.NegotiateError
	)
	if errors.Is(err, errNoVersion) || errors.Is(err, errNotAsked) || errors.As(err, &syntax) || errors.As(err, &shape) || errors.As(err, &notTLS) || errors.As(err, &content) {
		return true
	}
	return slices.ContainsFunc([]string{
		"HTTP response to HTTPS client", "malformed HTTP", "stopped after 10 redirects",
		// What net/http makes of a server that speaks before it is asked.
		"readLoopPeekFailLocked: %!w(<nil>)",
		// What client-go makes of an answer without the usual explanation.
		"the server could not find the requested resource", "the server rejected our request for an unknown reason",
	}, func(sign string) bool { return strings.Contains(err.Error(), sign) })
}

// pluginFault is what went wrong with a credential plug-in, without the request that it was for.
func pluginFault(err error) string {
	all := brief(err)
	if _, why, ok := strings.Cut(all, "getting credentials: "); ok {
		return why
	}
	return all
}

// brief is the first line of err's text, printable, as far as anybody may want to read it.
func brief(err error) string {
	const most = 1 << 10
	line, _, _ := strings.Cut(strings.TrimSpace(clip(err.Error(), most)), "\n")
	return lab.Printable(line)
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
