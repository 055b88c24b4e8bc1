package policies_test.environments

import data.policies.environments

_approval := {"groups": ["leads"], "quorum": 1, "ttl_seconds": 900}

_settings := {
	"label": "tier",
	"environments": [
		{"name": "staging", "groups": ["staff"]},
		{"name": "prod", "groups": ["operators"], "approval": _approval},
	],
}

_reading := {"tools": [{"upstream": "shop", "tools": ["find"]}]}

test_members_change_things_there if {
	_denied(_call("erase", {"tier": "staging"}, ["staff"])) == set()
	_held(_call("erase", {"tier": "staging"}, ["staff"])) == set()
}

test_prod_needs_a_human if {
	_denied(_call("erase", {"tier": "prod"}, ["operators"])) == set()
	_held(_call("erase", {"tier": "prod"}, ["operators"])) == {object.union(_approval, {
		"code": "environment_approval",
		"message": "erase in prod needs a human",
	})}
}

test_others_change_nothing_there if {
	every tier, groups in {"staging": ["operators"], "prod": ["staff"]} {
		_denied(_call("erase", {"tier": tier}, groups)) == {{
			"code": "not_in_environment",
			"message": $"erase in {tier} is not for the principal's groups",
		}}
	}
}

test_nothing_is_changed_where_the_environment_is_not_known if {
	every labels in [{}, {"tier": "lab"}, {"environment": "staging"}] {
		_denied(_call("erase", labels, ["staff", "operators"])) == {{
			"code": "unknown_environment",
			"message": "of shop it is not known in which environment it is",
		}}
	}
}

test_everybody_reads_everywhere if {
	every labels in [{}, {"tier": "prod"}] {
		_denied(_call("find", labels, [])) == set()
		_held(_call("find", labels, [])) == set()
	}
}

test_without_environments_and_for_listings_it_is_silent if {
	environments.deny == set() with input as _call("erase", {}, [])
		with data.settings.environments as {"label": "tier", "environments": []}
		with data.settings.reading as _reading
	_denied(object.union(_call("erase", {}, []), {"listing": true})) == set()
}

test_without_settings_everything_is_refused if {
	every missing in ["label", "environments"] {
		denied := environments.deny with input as _call("find", {"tier": "prod"}, [])
			with data.settings.environments as object.remove(_settings, [missing])
			with data.settings.reading as _reading
		denied == {{"code": "settings_missing", "message": "the settings of the environments policy are missing"}}
	}
}

_denied(call) := result if {
	result := environments.deny with input as call
		with data.settings.environments as _settings
		with data.settings.reading as _reading
}

_held(call) := result if {
	result := environments.require_approval with input as call
		with data.settings.environments as _settings
		with data.settings.reading as _reading
}

_call(tool, labels, groups) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "shop", "labels": labels},
	"principal": {"groups": groups},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": {}}},
}
