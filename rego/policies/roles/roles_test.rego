package policies_test.roles

import data.policies.roles

_settings := {"grants": [
	{
		"groups": ["agents"],
		"upstream": "demo",
		"tools": ["echo", "files/*"],
		"prompts": ["greeting"],
		"resources": ["demo://docs/*", "demo://one"],
	},
	{"groups": ["admins"], "roles": ["root"], "upstream": "demo", "tools": ["*"]},
	{"roles": ["reader"], "upstream": "shop", "resources": ["*"]},
]}

_agent := {"groups": ["agents"], "roles": []}

_stranger := {"groups": ["Agents", "agents "], "roles": ["agents"]}

test_a_group_uses_its_tools_prompts_and_resources if {
	_usable(_agent, "demo") == {
		"tools/call echo",
		"tools/call files/a",
		"prompts/get greeting",
		"resources/read demo://one",
		"resources/read demo://docs/a-b_c.txt",
	}
}

test_a_grant_is_for_one_upstream if {
	_usable(_agent, "shop") == set()
	_usable(_agent, "Demo") == set()
}

test_a_role_holds_a_grant_too if {
	_usable({"groups": [], "roles": ["reader"]}, "shop") == {name | some name, _ in _calls; startswith(name, "resources/read")}
	_usable({"groups": [], "roles": ["root"]}, "demo") == {name | some name, _ in _calls; startswith(name, "tools/call")}
	_usable({"groups": ["admins"], "roles": []}, "demo") == {name | some name, _ in _calls; startswith(name, "tools/call")}
}

test_a_stranger_uses_nothing if {
	_usable(_stranger, "demo") == set()
	_usable({}, "demo") == set()
}

test_a_prefix_covers_only_plain_names_right_below_it if {
	every uri in [
		"demo://docs/",
		"demo://docs/..",
		"demo://docs/.hidden",
		"demo://docs/a/b",
		"demo://docs/../secret",
		"demo://docs/%2e%2e",
		"demo://docs/a%2Fb",
		"demo://docs/a?x",
		"demo://docs/a\n",
		"demo://docs/-a",
		"demo://docs",
		"demo://docsx/a",
		"DEMO://docs/a",
	] {
		not _allowed(_agent, "demo", {"method": "resources/read", "params": {"uri": uri}})
	}
}

test_a_name_that_is_no_string_is_covered_by_nothing if {
	every name in [["echo"], {"echo": 1}, 5, null, true] {
		not _allowed({"groups": ["admins"], "roles": []}, "demo", {"method": "tools/call", "params": {"name": name}})
	}
}

test_without_settings_nothing_is_allowed if {
	not roles.allow with input as _request(_agent, "demo", {"method": "tools/call", "params": {"name": "echo"}})
		with data.settings.roles as {}
}

_calls := {
	"tools/call echo": {"method": "tools/call", "params": {"name": "echo"}},
	"tools/call Echo": {"method": "tools/call", "params": {"name": "Echo"}},
	"tools/call other": {"method": "tools/call", "params": {"name": "other"}},
	"tools/call files/a": {"method": "tools/call", "params": {"name": "files/a"}},
	"prompts/get echo": {"method": "prompts/get", "params": {"name": "echo"}},
	"prompts/get greeting": {"method": "prompts/get", "params": {"name": "greeting"}},
	"resources/read demo://one": {"method": "resources/read", "params": {"uri": "demo://one"}},
	"resources/read demo://two": {"method": "resources/read", "params": {"uri": "demo://two"}},
	"resources/read demo://docs/a-b_c.txt": {"method": "resources/read", "params": {"uri": "demo://docs/a-b_c.txt"}},
}

_usable(principal, upstream) := {name |
	some name, message in _calls
	_allowed(principal, upstream, message)
}

_allowed(principal, upstream, message) if {
	roles.allow with input as _request(principal, upstream, message) with data.settings.roles as _settings
}

_request(principal, upstream, message) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": upstream},
	"principal": principal,
	"message": message,
}
