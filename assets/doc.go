// Package assets holds what healthlab shows but does not compute: the labs with their texts in Korean and English.
//
// labs/ has one YAML file for each lab and, in a directory named after the lab, two Markdown files for each step. Package
// script reads them; consumers take an fs.FS, so that a directory can stand in for this package.
package assets
