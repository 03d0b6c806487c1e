package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"healthlab/lab"
)

// newCluster runs only the embedded cluster, in the foreground.
func newCluster(o *options, s Streams) *cobra.Command {
	lang := o.lang
	command := &cobra.Command{
		Use:   "cluster",
		Short: lab.T("내장 클러스터만 실행합니다", "Run only the embedded cluster, in the foreground").In(lang),
		Long: lab.T(`프로세스 안에서 쿠버네티스를 시작하고, kubectl이 이 클러스터를 쓰게 하는 한 줄을 출력하고, Ctrl-C를 누를
때까지 실행합니다. 끝나면 클러스터의 데이터도 없어집니다.

healthlab에 없는 이미지는 ErrImagePull이 됩니다. --stand-ins를 쓰면 대역(stand-in)이 그 이미지 대신
실행되어, 스펙에 있는 포트와 프로브에 응답합니다. 모든 대역은 스스로 대역이라고 밝힙니다.

--feature-gates는 쿠버네티스의 기능 게이트를 켜거나 끕니다. 예를 들어 H2CContainerProbe를 켜면 프로브에
httpGet.protocol: HTTP2를, GRPCContainerProbeTLS를 켜면 grpc.mode: TLS를 쓸 수 있습니다.`,
			`Starts Kubernetes inside the process, prints the line that makes kubectl use it, and runs until
Ctrl-C. The cluster's data is then deleted.

An image that healthlab does not have gives ErrImagePull. With --stand-ins a stand-in runs in its
place and answers on the ports and to the probes of the spec. Each says that it is a stand-in.

--feature-gates switches features of Kubernetes on or off. With H2CContainerProbe, for example, a probe
can have httpGet.protocol: HTTP2, and with GRPCContainerProbeTLS it can have grpc.mode: TLS.`).In(lang),
		Example: lab.T(`  healthlab cluster
  healthlab cluster --stand-ins
  # 두 번째 터미널에서
  export KUBECONFIG=~/.local/state/healthlab/kubeconfig
  kubectl get nodes`,
			`  healthlab cluster
  healthlab cluster --stand-ins
  # in a second terminal
  export KUBECONFIG=~/.local/state/healthlab/kubeconfig
  kubectl get nodes`).In(lang),
		RunE: func(c *cobra.Command, _ []string) error {
			log, err := o.openLog()
			if err != nil {
				return err
			}
			defer log.Close()
			started := time.Now()
			running, err := o.startEmbedded(c.Context(), func(p lab.Component) {
				switch p.State {
				case lab.ComponentReady:
					fmt.Fprint(s.Err, lab.Textf("%-16s %.1f초 만에 준비되었습니다\n", "%-16s ready after %.1f s\n",
						p.Name, p.Took.Seconds()).In(lang))
				case lab.ComponentFailed:
					if c.Context().Err() != nil {
						return // the user has ended it
					}
					fmt.Fprint(s.Err, lab.Textf("%-16s 실패했습니다: %s\n", "%-16s failed: %s\n", p.Name, p.Err).In(lang))
				case lab.ComponentWaiting, lab.ComponentStarting:
				}
			}, log)
			if err != nil {
				return lab.Errorf(err, "내장 클러스터를 시작하지 못했습니다(로그: %s)",
					"the embedded cluster did not start (log: %s)", log.Name())
			}
			fmt.Fprint(s.Err, lab.Textf("클러스터가 %.1f초 만에 시작되었습니다. Ctrl-C로 끝냅니다.\n", "the cluster is up after %.1f s; press Ctrl-C to stop it\n",
				time.Since(started).Seconds()).In(lang))
			fmt.Fprintf(s.Out, "export KUBECONFIG=%s\n", running.Kubeconfig())
			select {
			case <-c.Context().Done():
				fmt.Fprintln(s.Err, stopping(o.lang))
			case <-running.Done():
				err = lab.Errorf(running.Err(), "클러스터가 스스로 멈췄습니다(로그: %s)",
					"the cluster stopped unexpectedly (log: %s)", log.Name())
			}
			if closeErr := running.Close(); closeErr != nil && err == nil {
				err = fmt.Errorf("stop the embedded cluster: %w", closeErr)
			}
			return err
		},
	}
	command.Flags().StringVar(&o.featureGates, "feature-gates", "", lab.T(
		"켜거나 끌 쿠버네티스 `기능`: 이름=true,이름=false", "Kubernetes `features` to switch on or off: name=true,name=false").In(lang))
	o.addStandIns(command.Flags())
	return command
}
