package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"healthlab/lab/node/images"
)

// newImages lists what the embedded cluster can run.
func newImages(o *options, s Streams) *cobra.Command {
	say := o.lang.Pick
	return &cobra.Command{
		Use:   "images",
		Short: say("내장 클러스터에서 쓸 수 있는 컨테이너 이미지를 보여 줍니다", "List the container images that the embedded cluster can run"),
		Long: say(`내장 클러스터는 이미지를 내려받지 않습니다. 이미지는 healthlab 안에 든 프로그램이며 이름 그대로의 일을
합니다. 다른 이미지를 쓰면 ErrImagePull이 됩니다.`,
			`The embedded cluster pulls nothing: its images are programs inside healthlab that do what
their name says. Any other image gives ErrImagePull.`),
		RunE: func(*cobra.Command, []string) error {
			korean := imagesInKorean()
			rows := [][]string{{say("이미지", "IMAGE"), say("하는 일", "WHAT IT DOES")}}
			for _, image := range images.Table() {
				rows = append(rows, []string{image.Name, say(korean[image.Does], image.Does)})
				for _, alias := range image.Aliases {
					rows = append(rows, []string{"  " + alias})
				}
			}
			_, err := fmt.Fprint(s.Out, columns(rows, lineWidth(s.Out)))
			return err
		},
	}
}

// imagesInKorean tells what images do by the English sentence with which they tell it themselves, so that a sentence
// which was changed there cannot keep an old translation: a test fails.
func imagesInKorean() map[string]string {
	return map[string]string{
		"HTTP on 3000 with /health; SIGUSR1 makes it hang":                                               "3000번 포트의 HTTP와 /health. SIGUSR1을 받으면 멈춥니다",
		"a shell with the usual small tools":                                                             "셸과 기본 도구",
		"liveness (200 for ten seconds, then 500), pause, netexec, test-webserver, grpc-health-checking": "liveness(10초 동안 200, 그 뒤 500), pause, netexec, test-webserver, grpc-health-checking",
		"older name of agnhost liveness: /healthz on 8080, 200 for ten seconds, then 500":                "agnhost liveness의 옛 이름: 8080번 포트의 /healthz. 10초 동안 200, 그 뒤 500",
		"HTTP on 80, files of /usr/share/nginx/html":                                                     "80번 포트의 HTTP. /usr/share/nginx/html의 파일",
		"HTTP on 80, files of /usr/local/apache2/htdocs":                                                 "80번 포트의 HTTP. /usr/local/apache2/htdocs의 파일",
		"HTTP proxy that listens on 8080, for tcpSocket probes":                                          "8080번 포트의 HTTP 프록시. tcpSocket 프로브용",
		"gRPC health and /health on 2379 (no key-value store), for grpc probes":                          "2379번 포트의 gRPC 헬스 체크와 /health(키-값 저장소는 없음). grpc 프로브용",
		"waits until it is told to end; no shell":                                                        "종료 신호를 받을 때까지 기다립니다. 셸은 없습니다",
	}
}
