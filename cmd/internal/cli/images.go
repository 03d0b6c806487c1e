package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"healthlab/lab"
	"healthlab/lab/node/images"
)

// newImages lists what the embedded cluster can run.
func newImages(o *options, s Streams) *cobra.Command {
	lang := o.lang
	return &cobra.Command{
		Use:   "images",
		Short: lab.T("내장 클러스터에서 쓸 수 있는 컨테이너 이미지를 보여 줍니다", "List the container images that the embedded cluster can run").In(lang),
		Long: lab.T(`내장 클러스터는 이미지를 내려받지 않습니다. 이미지는 healthlab 안에 든 프로그램이며 이름 그대로의 일을
합니다. 미러와 사본의 흔한 이름(public.ecr.aws/docker/library/nginx 등)도 알아보며, 태그는 실제로 있는
것만 됩니다. 다른 이미지나 태그를 쓰면 ErrImagePull이 됩니다. 없는 이미지 대신 대역(stand-in)을
실행하는 방법은 그 메시지에 있습니다.`,
			`The embedded cluster pulls nothing. Its images are programs inside healthlab that behave like the
images they are named after, also under the usual names of mirrors and copies, such as
public.ecr.aws/docker/library/nginx, and with tags that exist. Any other image or tag gives ErrImagePull;
for an image, the message says how to run a stand-in in its place.`).In(lang),
		RunE: func(*cobra.Command, []string) error {
			rows := [][]string{{lab.T("이미지", "IMAGE").In(lang), lab.T("하는 일", "WHAT IT DOES").In(lang)}}
			for _, image := range images.Table() {
				rows = append(rows, []string{image.Name, lab.Text(image.Does).In(lang)})
				for _, alias := range image.Aliases {
					rows = append(rows, []string{"  " + alias})
				}
			}
			_, err := fmt.Fprint(s.Out, columns(rows, lineWidth(s.Out)))
			return err
		},
	}
}
