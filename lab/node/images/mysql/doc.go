// Package mysql is MySQL and MariaDB as far as probes go: the server's start, port, log and end, mysqladmin ping and status, the
// image's healthcheck.sh, and the client for SELECT of constants and of what the server knows about itself. There are no tables
// and nothing is kept but the accounts and databases of the environment; other statements are refused as not supported, and what
// lies in /docker-entrypoint-initdb.d as SQL is said not to be run.
//
// Both authenticate with mysql_native_password, also where the real one has another default. The socket is a file that tells
// local clients that there is a server, which they then reach at its port. A server's goroutines are one that accepts and one
// for each of at most 151 connections; they end with it.
package mysql
