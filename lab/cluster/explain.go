package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

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
		syntax           *json.SyntaxError
		notTLS           tls.RecordHeaderError
	)
	switch {
	case strings.Contains(err.Error(), "exec plugin") || strings.Contains(err.Error(), "getting credentials"):
		return lab.Textf("자격 증명 플러그인이 실패했습니다: %[2]s", "the credential plug-in failed: %[2]s", server, brief(err))
	case apierrors.IsUnauthorized(err):
		return lab.Textf("API 서버 %s이(가) 자격 증명을 거절했습니다. 만료되었으면 다시 로그인하세요",
			"the API server %s refuses the credentials; if they have expired, log in again", server)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return lab.Text{
			Ko: "네임스페이스가 삭제되는 중입니다. 끝날 때까지 기다리거나 --namespace로 다른 것을 고르세요",
			En: "the namespace is being deleted; wait until it is gone or choose another with --namespace",
		}
	case apierrors.IsForbidden(err):
		return lab.Textf("권한이 없습니다: %[2]s", "not permitted: %[2]s", server, brief(err))
	case apierrors.IsTooManyRequests(err):
		return lab.Textf("API 서버 %s이(가) 요청이 너무 많다고 합니다. 잠시 뒤에 다시 시도합니다",
			"the API server %s says there are too many requests; trying again shortly", server)
	case errors.As(err, &unknownAuthority), errors.As(err, &invalid), errors.As(err, &wrongHost):
		return lab.Textf("API 서버 %s의 인증서를 믿을 수 없습니다: %s",
			"the certificate of the API server %s cannot be trusted: %s", server, brief(err))
	case errors.Is(err, syscall.ECONNREFUSED):
		return lab.Textf("API 서버 %s이(가) 연결을 받지 않습니다", "the API server %s refuses connections", server)
	case errors.As(err, &noHost):
		return lab.Textf("API 서버의 이름 %[2]s을(를) 찾을 수 없습니다", "the API server's name %[2]s cannot be found", server, noHost.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return lab.Textf("API 서버 %s이(가) 제때 답하지 않습니다", "the API server %s does not answer in time", server)
	case errors.As(err, &syntax), errors.As(err, &notTLS), strings.Contains(err.Error(), "HTTP response to HTTPS client"),
		strings.Contains(err.Error(), "HTTP request to an HTTPS server"), strings.Contains(err.Error(), "malformed HTTP"):
		return lab.Textf("%s은(는) Kubernetes API 서버가 아닌 것 같습니다", "%s does not seem to be a Kubernetes API server", server)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return lab.Textf("API 서버 %s(으)로 가는 연결이 끊어졌습니다", "the connection to the API server %s was closed", server)
	default:
		return lab.Textf("API 서버 %s: %s", "API server %s: %s", server, brief(err))
	}
}

// brief is the first line of err's text without control characters, which a server could put there.
func brief(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, line)
}

func decodeJSON(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decode the server's answer: %w", err)
	}
	return nil
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
