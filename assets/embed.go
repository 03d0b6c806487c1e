package assets

import "embed"

// FS holds labs/*.yaml and labs/<lab>/<step>.<lang>.md.
//
//go:embed labs
var FS embed.FS
