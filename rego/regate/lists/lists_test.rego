package regate.lists_test

import data.regate.lists

test_tools_that_no_call_could_reach_are_hidden if {
	_hidden(_listing("tools/list", "tools", [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "b"}])) == {
		{"path": "/result/tools/1", "with": "remove"},
		{"path": "/result/tools/3", "with": "remove"},
	}
}

test_prompts_and_resources_are_judged_by_their_own_methods if {
	prompts := _listing("prompts/list", "prompts", [{"name": "a"}, {"name": "p"}])
	_hidden(prompts) == {{"path": "/result/prompts/0", "with": "remove"}}

	resources := _listing("resources/list", "resources", [{"uri": "demo://1", "name": "r"}, {"uri": "demo://2", "name": "p"}])
	_hidden(resources) == {{"path": "/result/resources/1", "with": "remove"}}
}

test_malformed_entries_are_hidden if {
	entries := [{"name": ["a"]}, {"name": ""}, {}, "a", null, {"name": "a "}]
	_hidden(_listing("tools/list", "tools", entries)) == {mask |
		some index in numbers.range(0, 5)
		mask := {"path": $"/result/tools/{index}", "with": "remove"}
	}
}

test_an_entry_that_needs_an_approval_stays if {
	asking := {{"groups": ["g"], "quorum": 1, "ttl_seconds": 60, "code": "ask", "message": "ask"}}
	policies := {"open": {"allow": true}, "asking": {"require_approval": asking}}
	_hidden(_listing("tools/list", "tools", [{"name": "a"}])) == set() with data.policies as policies
}

test_a_denied_entry_is_hidden_though_allowed if {
	policies := {"open": {"allow": true}, "denying": {"deny": {{"code": "no", "message": "never"}}}}
	_hidden(_listing("tools/list", "tools", [{"name": "a"}])) == {{
		"path": "/result/tools/0",
		"with": "remove",
	}} with data.policies as policies
}

test_rules_on_arguments_hide_nothing if {
	settings := {"tools": [{"upstream": "demo", "tool": "a", "argument": "command"}], "blocked_programs": ["rm"]}
	_hidden(_listing("tools/list", "tools", [{"name": "a"}])) == set() with data.settings.commands as settings
}

test_no_other_message_has_hidden_entries if {
	listing := _listing("tools/list", "tools", [{"name": "b"}])
	every other in [
		{"request": {"method": "tools/call"}},
		{"request": {"method": "prompts/list"}},
		{"direction": "to_server"},
		{"kind": "notification"},
	] {
		_hidden(object.union(listing, other)) == set()
	}
	_hidden(object.remove(listing, ["request"])) == set()
}

test_a_list_that_is_no_array_is_malformed if {
	every entries in [{"0": {"name": "b"}}, "b", null, 1, false] {
		lists.malformed with input as _listing("tools/list", "tools", entries)
	}
	not lists.malformed with input as _listing("tools/list", "tools", [])
	not lists.malformed with input as _listing("tools/list", "prompts", {})
}

test_a_list_for_any_cache_becomes_one_for_this_principals if {
	private := {{"path": "/result/cacheScope", "with": {"literal": "private"}}}
	shared := {"message": {"result": {"cacheScope": "public"}}}
	every method in ["tools/list", "prompts/list", "resources/list", "resources/templates/list"] {
		_hidden(object.union(_listing(method, "tools", []), shared)) == private
	}
	tools := _listing("tools/list", "tools", [{"name": "a"}, {"name": "b"}])
	_hidden(object.union(tools, shared)) == private | {{"path": "/result/tools/1", "with": "remove"}}
}

test_a_list_that_is_private_already_stays_as_it_is if {
	every scope in ["private", "PUBLIC", "public ", null, ["public"]] {
		message := {"message": {"result": {"cacheScope": scope}}}
		_hidden(object.union(_listing("tools/list", "tools", []), message)) == set()
	}
}

test_what_is_no_list_keeps_its_cache_scope if {
	message := {"message": {"result": {"cacheScope": "public"}}}
	every method in ["resources/read", "server/discover"] {
		_hidden(object.union(_listing(method, "contents", []), message)) == set()
	}
}

_listing(method, member, entries) := {
	"direction": "to_client",
	"kind": "response",
	"upstream": {"name": "demo"},
	"principal": {"groups": ["g"], "roles": []},
	"request": {"method": method},
	"findings": [{"path": "/result/tools/0/name", "detector": "email", "count": 1}],
	"message": {"result": {member: entries}},
}

_granting := {"grants": [{
	"groups": ["g"],
	"upstream": "demo",
	"tools": ["a", "c", ""],
	"prompts": ["p"],
	"resources": ["demo://1"],
}]}

_unpinned := {"unpinned": "allow", "changed": "allow", "suspicious": "allow", "upstreams": {}}

# Without a mock of `data.policies` the real roles policy answers: the overrides of `input` must reach rules elsewhere.
_hidden(message) := result if {
	result := lists.hidden with input as message
		with data.settings.roles as _granting
		with data.settings.pins as _unpinned
}
