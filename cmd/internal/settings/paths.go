package settings

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

// StateDir is the user's state directory for healthlab: kubeconfig, logs, progress.
func StateDir() string { return filepath.Join(xdg.StateHome, "healthlab") }

// EmbeddedKubeconfig is where a running embedded cluster leaves its kubeconfig, unless --state-dir says otherwise.
func EmbeddedKubeconfig() string { return filepath.Join(StateDir(), "kubeconfig") }

// WorkDir is where the manifests go unless --dir says otherwise: the directory that the labs' texts name.
func WorkDir() string { return filepath.Join(xdg.Home, "environment", "healthchecks") }
