package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parameters are the configuration parameters that are known; but for the port, the addresses and the number of connections
// they change nothing here.
func parameters() []string {
	return strings.Fields("port listen_addresses max_connections shared_buffers work_mem maintenance_work_mem effective_cache_size wal_level " +
		"max_wal_size min_wal_size max_wal_senders wal_keep_size wal_buffers hot_standby synchronous_commit fsync full_page_writes checkpoint_timeout " +
		"checkpoint_completion_target log_statement log_min_duration_statement log_connections log_disconnections log_destination logging_collector " +
		"log_line_prefix log_min_messages shared_preload_libraries max_prepared_transactions max_worker_processes max_parallel_workers " +
		"max_parallel_workers_per_gather max_parallel_maintenance_workers max_replication_slots random_page_cost effective_io_concurrency " +
		"default_statistics_target huge_pages timezone ssl password_encryption unix_socket_directories autovacuum config_file hba_file " +
		"archive_mode archive_command statement_timeout idle_in_transaction_session_timeout jit track_io_timing track_activity_query_size " +
		"pg_stat_statements.track pg_stat_statements.max")
}

// options reads the command line; a code of -1 means that all is well.
func (s *server) options(args []string) int {
	for i := 0; i < len(args); i++ {
		a := args[i]
		value := func(short string) string {
			if rest := strings.TrimPrefix(a, short); rest != "" {
				return rest
			}
			if i++; i < len(args) {
				return args[i]
			}
			return ""
		}
		setting := ""
		switch {
		case a == "-V" || a == "--version":
			fmt.Fprintf(s.p.Stdout, "postgres (PostgreSQL) %s\n", version(s.p))
			return 0
		case strings.HasPrefix(a, "--"):
			setting = a[2:]
		case strings.HasPrefix(a, "-c"):
			setting = value("-c")
		case strings.HasPrefix(a, "-D"):
			s.data = s.p.Path(value("-D"))
		case strings.HasPrefix(a, "-p"):
			setting = "port=" + value("-p")
		case strings.HasPrefix(a, "-h"):
			setting = "listen_addresses=" + value("-h")
		case strings.HasPrefix(a, "-N"):
			setting = "max_connections=" + value("-N")
		case a == "-i":
			setting = "listen_addresses=*"
		default:
			fmt.Fprintf(s.p.Stderr, "postgres: invalid option -- '%s'\nTry \"postgres --help\" for more information.\n", strings.TrimLeft(a, "-"))
			return 1
		}
		if setting == "" {
			continue
		}
		if wrong := s.set(setting); wrong != "" {
			s.log("FATAL", "%s", wrong)
			return 1
		}
	}
	return -1
}

// set sets a parameter; the text is what is wrong.
func (s *server) set(setting string) string {
	name, value, given := strings.Cut(setting, "=")
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
	value = strings.Trim(strings.TrimSpace(value), "'")
	switch {
	case !given:
		return fmt.Sprintf("--%s requires a value", name)
	case !slices.Contains(parameters(), name):
		return fmt.Sprintf("unrecognized configuration parameter %q", name)
	}
	number := func(into *int, from, to int) string {
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Sprintf("invalid value for parameter %q: %q", name, value)
		}
		if n < from || n > to {
			return fmt.Sprintf("%d is outside the valid range for parameter %q (%d .. %d)", n, name, from, to)
		}
		*into = n
		return ""
	}
	switch name {
	case "listen_addresses":
		s.addresses = value
	case "port":
		return number(&s.port, 1, 65535)
	case "max_connections":
		asked := 0
		if wrong := number(&asked, 1, 262143); wrong != "" {
			return wrong
		}
		s.maximum = min(asked, maxClients)
	}
	return ""
}
