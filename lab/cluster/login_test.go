package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

func TestLogin(t *testing.T) {
	login := func(t *testing.T, ctx context.Context, server *porter, user clientcmdapi.AuthInfo) error {
		t.Helper()
		return Login(ctx, Config{Kubeconfig: kubeconfig(t, clientcmdapi.Cluster{
			Server: server.URL, CertificateAuthorityData: authority(server.Server),
		}, user)})
	}
	kept := func(t *testing.T) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("without a plug-in", func(t *testing.T) {
		if err := login(t, t.Context(), newPorter(t), clientcmdapi.AuthInfo{Token: "secret"}); err != nil {
			t.Error(err)
		}
	})
	t.Run("is asked anew each time", func(t *testing.T) {
		server, path := newPorter(t), kept(t)
		user := clientcmdapi.AuthInfo{Exec: plugin("file", path)}
		if err := login(t, t.Context(), server, user); err != nil {
			t.Error(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := login(t, t.Context(), server, user); !errors.Is(err, ErrCredentials) {
			t.Errorf("error %v, want ErrCredentials", err)
		}
	})
	t.Run("the plug-in fails", func(t *testing.T) {
		err := login(t, t.Context(), newPorter(t), clientcmdapi.AuthInfo{Exec: plugin("fail", "expired")})
		told(t, err, "the credential plug-in failed")
		if !errors.Is(err, ErrCredentials) {
			t.Errorf("error %v, want ErrCredentials", err)
		}
	})
	t.Run("the plug-in keeps nothing", func(t *testing.T) {
		err := login(t, t.Context(), newPorter(t), clientcmdapi.AuthInfo{Exec: plugin("once", kept(t))})
		told(t, err, "does not remember the login")
		if !errors.Is(err, ErrCredentials) {
			t.Errorf("error %v, want ErrCredentials", err)
		}
	})
	t.Run("the server does not answer", func(t *testing.T) {
		server := newPorter(t)
		server.Close()
		err := login(t, t.Context(), server, clientcmdapi.AuthInfo{Exec: plugin("file", kept(t))})
		told(t, err, "refuses connections")
		if errors.Is(err, ErrCredentials) {
			t.Errorf("error %v is said to be for the credentials", err)
		}
	})
	t.Run("abandoned", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var once sync.Once
		address := listen(t, func(conn net.Conn) {
			once.Do(cancel)
			_, _ = io.Copy(io.Discard, conn)
		})
		err := login(t, ctx, newPorter(t), clientcmdapi.AuthInfo{Exec: plugin("hang", address)})
		told(t, err, "abandoned")
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrCredentials) {
			t.Errorf("error %v, want context.Canceled and ErrCredentials", err)
		}
	})
}
