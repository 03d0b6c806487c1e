package manifests

import "embed"

// FS holds liveness-app.yaml, readiness-deployment.yaml and readiness-service.yaml, and the variants of the first two
// under restricted/.
//
//go:embed *.yaml restricted/*.yaml
var FS embed.FS
