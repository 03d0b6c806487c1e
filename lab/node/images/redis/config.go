package redis

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// defaults are the directives that are known.
func defaults() map[string]string {
	all := map[string]string{"port": "6379", "bind": "* -::*", "maxmemory": "0", "maxmemory-policy": "noeviction", "appendonly": "no", "save": "3600 1 300 100 60 10000", "databases": "16", "dir": "/data", "timeout": "0", "tcp-keepalive": "300", "loglevel": "notice", "enable-debug-command": "no"}
	for name := range strings.FieldsSeq("requirepass masterauth protected-mode tcp-backlog daemonize supervised pidfile logfile dbfilename appendfilename appendfsync appenddirname " +
		"stop-writes-on-bgsave-error rdbcompression rdbchecksum lazyfree-lazy-eviction maxclients always-show-logo slowlog-log-slower-than slowlog-max-len latency-monitor-threshold " +
		"notify-keyspace-events hz no-appendfsync-on-rewrite auto-aof-rewrite-percentage auto-aof-rewrite-min-size aof-load-truncated lua-time-limit activerehashing") {
		all[name] = ""
	}
	return all
}

// maxConfig is how long a configuration file may be.
const maxConfig = 1 << 20

// configure reads the file and the options of the command line; the text says what is wrong.
func (s *server) configure(args []string) string {
	var lines []string
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		data, err := s.p.FS().ReadFile(s.p.Path(args[0]), maxConfig)
		if err != nil {
			return fmt.Sprintf("*** FATAL CONFIG FILE ERROR (Redis %s) ***\nCan't open config file '%s'", version, args[0])
		}
		lines = strings.Split(string(data), "\n")
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "-" {
		data, _ := io.ReadAll(io.LimitReader(s.p.Stdin, maxConfig)) // what cannot be read is not there
		lines, args = append(lines, strings.Split(string(data), "\n")...), args[1:]
	}
	for _, a := range args {
		if name, ok := strings.CutPrefix(a, "--"); ok {
			lines = append(lines, name)
		} else if len(lines) > 0 {
			lines[len(lines)-1] += " " + strconv.Quote(a)
		}
	}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		list, err := words(line)
		if err != nil || len(list) == 0 || !s.directive(strings.ToLower(list[0]), list[1:]) {
			return fmt.Sprintf("\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\nReading the configuration file, at line %d\n>>> '%s'\nBad directive or wrong number of arguments", version, i+1, line)
		}
	}
	return ""
}

func (s *server) directive(name string, values []string) bool {
	if _, known := s.config[name]; !known || len(values) == 0 {
		return false
	}
	s.config[name] = strings.Join(values, " ")
	switch name {
	case "port":
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 0 || n > 65535 {
			return false
		}
		s.port = n
	case "requirepass":
		s.password = values[0]
	}
	return true
}

func configCommand(c *client, a []string) any {
	switch sub := strings.ToLower(a[0]); {
	case sub == "get" && len(a) > 1:
		list := []string{}
		for k, v := range c.s.config {
			for _, pattern := range a[1:] {
				if ok, err := path.Match(strings.ToLower(pattern), k); ok && err == nil {
					list = append(list, k, v)
				}
			}
		}
		return list
	case sub == "set" && len(a) == 3:
		key := strings.ToLower(a[1])
		if _, known := c.s.config[key]; !known {
			return failure(fmt.Sprintf("ERR Unknown option or number of arguments for CONFIG SET - '%s'", a[1]))
		}
		c.s.config[key] = a[2]
		if key == "requirepass" {
			c.s.password = a[2]
		}
		return status("OK")
	case sub == "resetstat", sub == "rewrite":
		return status("OK")
	}
	return failure(fmt.Sprintf("ERR unknown subcommand '%.128s'. Try CONFIG HELP.", a[0]))
}
