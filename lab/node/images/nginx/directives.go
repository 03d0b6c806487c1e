package nginx

import (
	"strings"
)

// place is where directives may stand.
type place byte

// The letters in the table below.
const (
	inMain       place = 'm'
	inEvents     place = 'e'
	inHTTP       place = 'h'
	inServer     place = 's'
	inLocation   place = 'l'
	inServerIf   place = 'S'
	inLocationIf place = 'L'
	inUpstream   place = 'u'
	inLimit      place = 'x' // limit_except
	inTypes      place = 't'
	inMap        place = 'p'
)

// inside returns the context of a directive's block.
func inside(d *directive) place {
	switch d.name {
	case "events":
		return inEvents
	case "http":
		return inHTTP
	case "server":
		return inServer
	case "location":
		return inLocation
	case "upstream":
		return inUpstream
	case "limit_except":
		return inLimit
	case "types":
		return inTypes
	case "if":
		if d.in == inServer {
			return inServerIf
		}
		return inLocationIf
	}
	return inMap
}

// form says how a directive is written: where it may stand, and its arguments: a number, a number and more (1+), one of
// several numbers (12), or on|off (flag). A brace means that it has a block. Several forms are parted by a bar.
type form string

// directives are those that are known. Those that mean nothing here are below the first line of each context.
func directives() map[string]form {
	all := map[string]form{
		"include": "mehslSLux 1",
		"events":  "m 0{", "http": "m 0{", "error_log": "mhsl 1+", "pid": "m 1", "worker_processes": "m 1", "daemon": "m flag",

		"server": "h 0{|u 1+", "upstream": "h 1{", "map": "h 2{", "log_format": "h 2+", "types": "hsl 0{",
		"default_type": "hsl 1", "root": "hslL 1", "index": "hsl 1+", "access_log": "hslLx 1+", "error_page": "hslL 2+",
		"add_header": "hslL 23", "expires": "hslL 12", "charset": "hslL 1", "autoindex": "hsl flag", "autoindex_exact_size": "hsl flag",
		"autoindex_localtime": "hsl flag", "allow": "hslx 1", "deny": "hslx 1", "satisfy": "hsl 1", "client_max_body_size": "hsl 1",
		"auth_basic": "hslx 1", "auth_basic_user_file": "hslx 1", "limit_req_zone": "h 3", "limit_req": "hsl 123", "limit_req_status": "hsl 1",
		"gzip": "hslL flag", "gzip_vary": "hsl flag", "gzip_types": "hsl 1+", "gzip_comp_level": "hsl 1", "gzip_min_length": "hsl 1",
		"gzip_http_version": "hsl 1", "gzip_proxied": "hsl 1+", "gzip_static": "hsl 1", "gzip_disable": "hsl 1+",
		"log_not_found": "hsl flag", "server_tokens": "hsl 1", "absolute_redirect": "hsl flag", "port_in_redirect": "hsl flag",
		"server_name_in_redirect": "hsl flag", "etag": "hsl flag", "keepalive_timeout": "hsl 12", "merge_slashes": "hs flag", "http2": "hs flag",

		"listen": "s 1+", "server_name": "s 1+", "location": "sl 12{", "try_files": "sl 2+", "ssl_certificate": "hs 1", "ssl_certificate_key": "hs 1",

		"alias": "l 1", "internal": "l 0", "stub_status": "sl 01", "proxy_pass": "lLx 1", "limit_except": "l 1+{", "empty_gif": "l 0",
		"return": "slSL 12", "rewrite": "slSL 23", "set": "slSL 2", "break": "slSL 0", "if": "sl 1+{",

		"proxy_set_header": "hsl 2", "proxy_connect_timeout": "hsl 1", "proxy_read_timeout": "hsl 1", "proxy_hide_header": "hsl 1",
		"proxy_intercept_errors": "hsl flag", "proxy_method": "hsl 1", "proxy_pass_request_headers": "hsl flag", "proxy_redirect": "hsl 12",
		"proxy_next_upstream": "hsl 1+", "least_conn": "u 0", "ip_hash": "u 0", "random": "u 012",
	}
	nothing := map[form]string{
		"m 1": "lock_file ssl_engine thread_pool timer_resolution worker_priority worker_rlimit_core worker_rlimit_nofile " +
			"worker_shutdown_timeout working_directory env",
		"m 12": "user worker_cpu_affinity",
		"e 1":  "accept_mutex_delay debug_connection use worker_aio_requests worker_connections",
		"hs 1": "client_header_buffer_size client_header_timeout connection_pool_size request_pool_size ssl_buffer_size " +
			"ssl_ciphers ssl_dhparam ssl_ecdh_curve ssl_session_timeout ssl_session_ticket_key " +
			"http2_max_concurrent_streams http2_recv_timeout ",
		"hs 2":   "large_client_header_buffers",
		"hs 1+":  "ssl_protocols",
		"hs 12":  "ssl_session_cache",
		"h 1":    "server_names_hash_bucket_size server_names_hash_max_size variables_hash_bucket_size variables_hash_max_size map_hash_bucket_size map_hash_max_size proxy_headers_hash_max_size proxy_headers_hash_bucket_size",
		"hsl 1+": "resolver proxy_cookie_path proxy_cookie_domain proxy_ssl_protocols open_file_cache client_body_temp_path proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path",
		"hsl 2":  "gzip_buffers output_buffers proxy_buffers",
		"hsl 1": "aio client_body_buffer_size client_body_in_file_only client_body_in_single_buffer client_body_timeout " +
			"directio disable_symlinks keepalive_requests keepalive_time limit_rate limit_rate_after lingering_close lingering_time lingering_timeout " +
			"max_ranges open_file_cache_min_uses open_file_cache_valid " +
			"postpone_output read_ahead resolver_timeout send_lowat send_timeout " +
			"sendfile_max_chunk subrequest_output_buffer_size types_hash_bucket_size types_hash_max_size " +
			"proxy_buffer_size proxy_busy_buffers_size proxy_http_version proxy_limit_rate " +
			"proxy_max_temp_file_size proxy_next_upstream_timeout proxy_next_upstream_tries proxy_send_lowat " +
			"proxy_send_timeout proxy_ssl_name proxy_temp_file_write_size " +
			"open_log_file_cache",
		"u 1":      "keepalive keepalive_requests keepalive_time keepalive_timeout",
		"u 12":     "zone",
		"hsl flag": "sendfile tcp_nodelay tcp_nopush chunked_transfer_encoding reset_timedout_connection rewrite_log log_subrequest msie_padding msie_refresh recursive_error_pages proxy_buffering proxy_request_buffering proxy_ignore_client_abort proxy_socket_keepalive proxy_ssl_verify proxy_ssl_server_name proxy_ssl_session_reuse uninitialized_variable_warn open_file_cache_errors",
		"hs flag":  "ignore_invalid_headers underscores_in_headers ssl_prefer_server_ciphers ssl_session_tickets ssl_early_data",
		"e flag":   "multi_accept accept_mutex",
		"m flag":   "master_process pcre_jit",
	}
	for f, names := range nothing {
		for name := range strings.FieldsSeq(names) {
			if known, ok := all[name]; ok {
				f = known + "|" + f
			}
			all[name] = f
		}
	}
	return all
}

// check holds a directive against its form, with nginx's words (ngx_conf_file.c, ngx_conf_handler).
func (d *directive) check(block bool) error {
	f, known := table[d.name]
	if !known {
		return d.fault("unknown directive %q", d.name)
	}
	for one := range strings.SplitSeq(string(f), "|") {
		where, args, _ := strings.Cut(one, " ")
		if strings.IndexByte(where, byte(d.in)) < 0 {
			continue
		}
		args, wantsBlock := strings.CutSuffix(args, "{")
		switch {
		case !wantsBlock && block:
			return d.fault(`directive %q is not terminated by ";"`, d.name)
		case wantsBlock && !block:
			return d.fault(`directive %q has no opening "{"`, d.name)
		case !takes(args, len(d.args)):
			return d.fault("invalid number of arguments in %q directive", d.name)
		case args == "flag" && d.args[0] != "on" && d.args[0] != "off":
			return d.fault(`invalid value %q in %q directive, it must be "on" or "off"`, d.args[0], d.name)
		}
		return nil
	}
	return d.fault("%q directive is not allowed here", d.name)
}

// table is what directives returns: it is read for every directive and never changed.
var table = directives()

// takes reports whether a number of arguments fits a form.
func takes(args string, n int) bool {
	if least, ok := strings.CutSuffix(args, "+"); ok {
		return n >= int(least[0]-'0')
	}
	if args == "flag" {
		return n == 1
	}
	return n < 10 && strings.IndexByte(args, byte('0'+n)) >= 0
}
