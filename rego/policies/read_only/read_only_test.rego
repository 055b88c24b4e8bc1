package policies_test.read_only

import data.policies.read_only

_settings := {"upstreams": ["prod"], "groups": ["interns"]}

_reading := {"tools": [{"upstream": "prod", "tools": ["find"]}, {"upstream": "test", "tools": ["find"]}]}

test_only_what_reads_runs_there if {
	_denied(_call("prod", "erase", [])) == _not_reading
	_denied(_call("prod", "find", [])) == set()
	_denied(_call("test", "erase", [])) == set()
}

test_only_what_reads_runs_for_them if {
	_denied(_call("test", "erase", ["staff", "interns"])) == _not_reading
	_denied(_call("test", "find", ["interns"])) == set()
}

test_a_star_is_every_upstream if {
	read_only.deny == _not_reading with input as _call("test", "erase", [])
		with data.settings.read_only as {"upstreams": ["*"], "groups": []}
		with data.settings.reading as _reading
}

test_listings_are_not_looked_at if {
	_denied(object.union(_call("prod", "erase", []), {"listing": true})) == set()
}

test_without_settings_everything_is_refused if {
	every broken in [{}, {"upstreams": []}, {"groups": []}] {
		denied := read_only.deny with input as _call("prod", "find", [])
			with data.settings.read_only as broken
			with data.settings.reading as _reading
		denied == {{"code": "settings_missing", "message": "the settings of the read_only policy are missing"}}
	}
}

_not_reading := {{
	"code": "not_reading",
	"message": "erase is not listed among the tools that only read",
}}

_denied(call) := result if {
	result := read_only.deny with input as call
		with data.settings.read_only as _settings
		with data.settings.reading as _reading
}

_call(upstream, tool, groups) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": upstream},
	"principal": {"groups": groups},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": {}}},
}
