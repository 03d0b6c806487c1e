// Package sandbox runs containers as programs inside the process.
package sandbox
