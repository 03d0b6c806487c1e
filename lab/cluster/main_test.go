package cluster

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"
)

// TestMain lets the test binary stand in for what is run as a child process: kubectl, and a credential plug-in.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "as-kubectl" {
		os.Exit(asKubectl(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "as-plugin" {
		os.Exit(asPlugin(os.Args[2:]))
	}
	goleak.VerifyTestMain(m,
		// Kept-alive connections of client-go's shared transports, which have no way to be closed.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		// It stays for a second after a connection that could not be closed in good order.
		goleak.IgnoreTopFunction("github.com/moby/spdystream.(*Connection).shutdown"),
		goleak.IgnoreTopFunction("k8s.io/klog/v2.(*flushDaemon).run.func1"),
	)
}

func asKubectl(args []string) int {
	if args[0] == cobra.ShellCompRequestCmd { // it answers with what it was asked
		fmt.Println(args[len(args)-1], strings.Join(args, " "))
		defer fmt.Println(":4")
	} else {
		fmt.Println(strings.Join(args, " "))
	}
	switch last := args[len(args)-1]; last {
	case "fail":
		fmt.Fprintln(os.Stderr, "Error from server (NotFound): pods \"x\" not found")
		return 3
	case "hang":
		<-time.After(time.Hour)
	}
	return 0
}
