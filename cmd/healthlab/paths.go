package main

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

// stateDir is the user's state directory for healthlab: kubeconfig, logs, progress.
func stateDir() string { return filepath.Join(xdg.StateHome, "healthlab") }

// embeddedKubeconfig is where a running embedded cluster leaves its kubeconfig, unless --state-dir says otherwise.
func embeddedKubeconfig() string { return filepath.Join(stateDir(), "kubeconfig") }

// workDir is where the manifests go unless --dir says otherwise: the directory that the labs' texts name.
func workDir() string { return filepath.Join(xdg.Home, "environment", "healthchecks") }
