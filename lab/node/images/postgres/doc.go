// Package postgres is PostgreSQL as far as probes go: the server's start, port, log and end, pg_isready, and psql for SELECT of
// constants and of what the server knows about itself. There are no tables and nothing is kept: other statements are refused
// as a feature that is not supported, and what lies in /docker-entrypoint-initdb.d as SQL is said not to be run.
//
// As in the image, connections from the pod itself are trusted, and others give the password, here in clear text where the
// image asks for SCRAM. The socket in /var/run/postgresql is a file that tells local clients that there is a server, which
// they then reach at its port. The protocol's messages are pgx's. A server's goroutines are one that accepts and one for each
// of at most 100 connections; they end with it.
package postgres
