package policies_test.limits

import data.policies.limits

_settings := {"calls": [
	{"name": "all_calls", "upstream": "shop", "tools": ["*"], "amount": 100, "per_seconds": 60},
	{"name": "exports", "upstream": "shop", "tools": ["export", "dump"], "amount": 6, "per_seconds": 3600, "burst": 2},
]}

_all_calls := {"name": "all_calls", "kind": "rate", "amount": 100, "per_seconds": 60}

_exports := {"name": "exports", "kind": "rate", "amount": 6, "per_seconds": 3600, "burst": 2}

test_a_call_counts_against_what_covers_it if {
	_said("shop", {"method": "tools/call", "params": {"name": "find"}}) == {"deny": set(), "limit": {_all_calls}}
	_said("shop", {"method": "tools/call", "params": {"name": "dump"}}) == {"deny": set(), "limit": {_all_calls, _exports}}
}

test_what_calls_no_tool_of_the_upstream_is_not_limited if {
	nothing := {"deny": set(), "limit": set()}
	_said("else", {"method": "tools/call", "params": {"name": "export"}}) == nothing
	_said("shop", {"method": "tools/list"}) == nothing
	_said("shop", {"method": "prompts/get", "params": {"name": "export"}}) == nothing
}

test_without_settings_everything_is_refused if {
	every settings in [{}, {"calls": null}, {"calls": {}}] {
		_said_with(settings, "shop", {"method": "tools/list"}).deny == {{
			"code": "settings_missing",
			"message": "the settings of the limits policy are missing",
		}}
	}
}

_said(upstream, message) := _said_with(_settings, upstream, message)

_said_with(settings, upstream, message) := result if {
	result := {"deny": limits.deny, "limit": limits.limit} with input.direction as "to_server"
		with input.kind as "request"
		with input.upstream as {"name": upstream}
		with input.message as message
		with data.settings.limits as settings
}
