package policies_test.paths

import data.policies.paths

_settings := {
	"tools": [
		{"upstream": "files", "tool": "read", "argument": "path", "roots": ["/srv/data/", "work", "/"]},
		{"upstream": "files", "tool": "read_here", "argument": "path", "roots": ["."]},
		{"upstream": "files", "tool": "read_data", "argument": "path", "roots": ["/srv/data", "work/"]},
	],
	"blocked_names": [".ssh", ".env", ".env.*", "ID_RSA*"],
}

test_what_lies_below_a_root_passes if {
	_denied("read", {"normal": "/srv/data/report.txt"}) == set()
	_denied("read", {"normal": "/etc/hosts"}) == set()
	_denied("read_data", {"normal": "/srv/data"}) == set()
	_denied("read_data", {"normal": "work/a", "absolute": false}) == set()
	_denied("read_here", {"normal": ".", "absolute": false}) == set()
	_denied("read_here", {"normal": "..a/b", "absolute": false}) == set()
}

test_what_was_not_read_is_unreadable if {
	unreadable := {{"code": "unreadable_path", "message": "read takes paths that can be read"}}
	_denied("read", {"argument": "/other"}) == unreadable
	_denied("read", {"readable": false, "normal": null, "escapes": true, "ambiguous": true}) == unreadable
	paths.deny == unreadable with input as _call("read", {}) with data.settings.paths as _settings
}

test_what_lies_elsewhere_is_outside if {
	every path in [["/srv/database", true], ["/srv", true], ["srv/data/x", false], ["worker", false], [".", false]] {
		_denied("read_data", {"normal": path[0], "absolute": path[1]}) == {{
			"code": "outside_roots",
			"message": "read_data takes paths below /srv/data, work/",
		}}
	}
	every path in [["/srv", true], ["..", false], ["../a", false]] {
		_denied("read_here", {"normal": path[0], "absolute": path[1]}) == {{
			"code": "outside_roots",
			"message": "read_here takes paths below .",
		}}
	}
}

test_nothing_climbs_out if {
	_denied("read", {"escapes": true}) == {{
		"code": "path_escapes",
		"message": "read takes paths that do not climb out of their folder",
	}}
}

test_nothing_reads_in_two_ways if {
	_denied("read", {"ambiguous": true}) == {{
		"code": "ambiguous_path",
		"message": "read takes paths that everybody reads alike",
	}}
}

test_a_blocked_name_is_found_in_every_segment_and_case if {
	blocked := {
		"/home/a/.ssh/config": ".ssh",
		"/home/a/.SSH": ".ssh",
		"/app/.env": ".env",
		"/app/.Env.local": ".env.*",
		"/app/.[e]nv": ".env",
		"/app/.env:stream": ".env",
		"/x/Id_rsa.bak": "ID_RSA*",
	}
	every path, pattern in blocked {
		_denied("read", {"normal": path}) == {{"code": "blocked_name", "message": $"read may not open {pattern}"}}
	}
	every path in ["/app/.environment", "/app/env", "/app/x.ssh"] {
		_denied("read", {"normal": path}) == set()
	}
}

test_other_tools_and_listings_are_not_looked_at if {
	paths.deny == set() with input as _call("other", {}) with data.settings.paths as _settings
	paths.deny == set() with input as object.union(_call("read", {}), {"listing": true})
		with data.settings.paths as _settings
}

test_without_settings_everything_is_refused if {
	every broken in [{}, {"tools": []}, {"blocked_names": [".ssh"]}, {"tools": [], "blocked_names": []}] {
		denied := paths.deny with input as _call("other", {}) with data.settings.paths as broken
		denied == {{"code": "settings_missing", "message": "the settings of the paths policy are missing"}}
	}
}

_denied(tool, differing) := result if {
	path := object.union(
		{
			"argument": "/path",
			"readable": true,
			"normal": "/srv/data/a",
			"absolute": true,
			"escapes": false,
			"ambiguous": false,
		},
		differing,
	)
	result := paths.deny with input as object.union(_call(tool, {"path": "…"}), {"facts": {"path": [path]}})
		with data.settings.paths as _settings
}

_call(tool, arguments) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "files"},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": arguments}},
}
