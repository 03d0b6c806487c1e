package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"healthlab/lab/node/images"
)

// newImages lists what the embedded cluster can run.
func newImages(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "images",
		Short: "List the container images that the embedded cluster can run",
		Long: `The embedded cluster pulls nothing: its images are programs inside healthlab that do what
their name says. Any other image gives ErrImagePull.`,
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "IMAGE\tWHAT IT DOES")
			for _, image := range images.Table() {
				fmt.Fprintf(table, "%s\t%s\n", image.Name, image.Does)
				for _, alias := range image.Aliases {
					fmt.Fprintf(table, "  %s\t\n", alias)
				}
			}
			if err := table.Flush(); err != nil {
				return fmt.Errorf("print the images: %w", err)
			}
			return nil
		},
	}
}
