package cluster

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"healthlab/lab"
)

// ErrCredentials is why Login failed if it is for the credentials, and not for the server, that nothing goes on.
var ErrCredentials = errors.New("no credentials")

// noCredentials is ErrCredentials, told to the user.
func noCredentials(why lab.Text) error { return untold{told: &lab.Error{Msg: why}} }

// untold keeps ErrCredentials, which would tell the user nothing more, out of what is printed.
type untold struct{ told *lab.Error }

// Error is what is told.
func (e untold) Error() string { return e.told.Error() }

// Unwrap returns what is told, and ErrCredentials.
func (e untold) Unwrap() []error { return []error{e.told, ErrCredentials} }

// HasPlugin reports whether the credentials come from a plug-in, which may want to ask for something on the terminal.
func (c *Client) HasPlugin() bool { return c.rest.ExecProvider != nil }

// Login tries the credentials of a kubeconfig while the terminal is free: a credential plug-in may ask there for what it
// needs, for as long as that takes. Then it tries them once more as a Client with NoPrompt does, since what a plug-in has
// not kept would be missing there. The error is a *lab.Error.
func Login(ctx context.Context, config Config) error {
	config.NoPrompt = false
	client, err := Open(config)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.login(ctx, userPatience); err != nil || !client.HasPlugin() {
		return err
	}
	config.NoPrompt = true
	quiet, err := Open(config)
	if err != nil {
		return err
	}
	defer quiet.Close()
	if err := quiet.login(ctx, serverPatience); errors.Is(err, ErrCredentials) && ctx.Err() == nil {
		return noCredentials(lab.T("자격 증명 플러그인이 로그인한 것을 기억하지 않고 매번 묻습니다. 콘솔이 화면을 쓰는 동안에는 물을 수 없으므로, "+
			"로그인을 저장하도록 플러그인을 설정하십시오",
			"the credential plug-in does not remember the login but asks each time, which it cannot do while the console "+
				"draws; set it up so that it keeps the login"))
	}
	return err
}

const (
	// userPatience is how long somebody may take to log in; serverPatience how long a server may take to answer.
	userPatience   = 5 * time.Minute
	serverPatience = 15 * time.Second
	// interruptWithin is how long a Ctrl-C takes at most to get here once it has ended a plug-in.
	interruptWithin = 100 * time.Millisecond
)

// login asks for the server's version. The credentials may take as long as patience.
func (c *Client) login(ctx context.Context, patience time.Duration) error {
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	var has atomic.Bool
	late := time.AfterFunc(patience, cancel)
	defer late.Stop()
	config := rest.CopyConfig(c.rest)
	if config.ExecProvider != nil {
		// client-go keeps what a plug-in has answered for all plug-ins of the same description. This one is to be asked anew.
		config.ExecProvider = config.ExecProvider.DeepCopy()
		config.ExecProvider.StdinUnavailableMessage += time.Now().Format(" (15:04:05.999999999)")
	}
	// client-go puts the credentials into a request before it comes here.
	config.Wrap(func(rt http.RoundTripper) http.RoundTripper {
		return credentialed{rt, func() {
			if !has.Swap(true) {
				late.Reset(serverPatience)
			}
		}}
	})
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return explain(c.info.Server, err)
	}
	_, err = within(asking, func() ([]byte, error) {
		body, err := client.Discovery().RESTClient().Get().AbsPath("/version").DoRaw(asking)
		return body, c.whyBroken(asking, err)
	})
	if err != nil && !has.Load() {
		// Ctrl-C reaches the plug-in and this process at the same time; the plug-in may be the first to act on it.
		select {
		case <-ctx.Done():
		case <-time.After(interruptWithin):
		}
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.Join(noCredentials(lab.T("로그인을 그만두었습니다", "the login was abandoned")), ctx.Err())
	case !has.Load():
		return noCredentials(explain(c.info.Server, err).Msg)
	case asking.Err() != nil:
		err = context.DeadlineExceeded
	}
	return explain(c.info.Server, err)
}

// credentialed tells when a request has its credentials.
type credentialed struct {
	http.RoundTripper
	told func()
}

// RoundTrip hands the request on.
func (c credentialed) RoundTrip(request *http.Request) (*http.Response, error) {
	c.told()
	return c.RoundTripper.RoundTrip(request)
}
