// Package manifests holds the Kubernetes objects that the labs apply, as files.
//
// The files at the root are what the labs write into the working directory. Those under restricted/ have the same
// names and describe the same objects with a security context, for namespaces that enforce the restricted Pod Security
// Standard. Consumers take an fs.FS, so that a directory can stand in for this package.
package manifests
