package policies_test.pins

import data.policies.pins
import data.regate.lists

_parts := {"description": "sha256:1", "input_schema": "sha256:2"}

_approval := {"groups": ["security"], "quorum": 1, "ttl_seconds": 900}

_settings(rules) := object.union(
	{
		"unpinned": "allow",
		"changed": "allow",
		"suspicious": "allow",
		"approval": _approval,
		"upstreams": {"shop": {"tools": {"list": _parts}, "server": {"instructions": "sha256:5", "info": "sha256:6"}}},
	},
	rules,
)

_unpinned := {"code": "unpinned_tool", "message": "nobody looked at other of shop yet"}

_changed := {
	"code": "changed_tool",
	"message": "list of shop changed since somebody looked at it: description, title",
}

_suspicious := {
	"code": "suspicious_tool",
	"message": "other of shop looks suspicious: addresses_model, hidden_text",
}

test_what_is_allowed_is_only_labelled if {
	_said(_call("list", _parts, []), {}) == {"deny": set(), "require_approval": set(), "label": set()}
	_said(_call("other", {}, []), {}) == {"deny": set(), "require_approval": set(), "label": set()}
	_said(_now_changed, {}) == {"deny": set(), "require_approval": set(), "label": {"changed_tool"}}
	_said(_now_suspicious, {}) == {"deny": set(), "require_approval": set(), "label": {"suspicious_tool"}}
}

test_what_is_denied_is_said_why if {
	denying := {"unpinned": "deny", "changed": "deny", "suspicious": "deny"}
	_said(_call("list", _parts, []), denying).deny == set()
	_said(_call("other", {}, []), denying).deny == {_unpinned}
	_said(_now_changed, denying).deny == {_changed}
	_said(_now_suspicious, denying).deny == {_unpinned, _suspicious}
}

test_what_is_held_asks_those_of_the_settings if {
	holding := {"unpinned": "hold", "changed": "hold", "suspicious": "hold"}
	_said(_call("list", _parts, []), holding).require_approval == set()
	_said(_call("other", {}, []), holding).require_approval == {object.union(_approval, _unpinned)}
	_said(_now_changed, holding).require_approval == {object.union(_approval, _changed)}
	_said(_now_suspicious, holding).require_approval == {
		object.union(_approval, _unpinned),
		object.union(_approval, _suspicious),
	}
}

test_what_nobody_could_approve_is_denied if {
	settings := object.remove(_settings({"changed": "hold"}), ["approval"])
	_said_with(_now_changed, settings).deny == {_changed}
}

test_the_upstreams_own_rule_comes_first if {
	strict := {"upstreams": {"shop": {"unpinned": "deny", "tools": {}}}}
	_said(_call("other", {}, []), strict).deny == {_unpinned}
	_said(object.union(_call("other", {}, []), {"upstream": {"name": "mail"}}), strict).deny == set()
}

test_suspicions_of_a_tool_that_was_looked_at_are_known if {
	_said(_call("list", _parts, ["hidden_text"]), {"suspicious": "deny"}) == {
		"deny": set(),
		"require_approval": set(),
		"label": set(),
	}
}

test_a_changed_tool_goes_from_lists_where_it_is_denied if {
	listing := {
		"direction": "to_client",
		"kind": "response",
		"upstream": {"name": "shop"},
		"principal": {"groups": [], "roles": []},
		"request": {"method": "tools/list"},
		"findings": [],
		"message": {"result": {"tools": [{"name": "list"}, {"name": "list"}, {"name": "other"}]}},
		"listed": [
			{"parts": _parts, "suspicions": []},
			{"parts": {"description": "sha256:9"}, "suspicions": []},
			{"parts": {}, "suspicions": []},
		],
	}
	grants := {"grants": [{"groups": [], "roles": [], "upstream": "shop", "tools": ["*"]}]}
	hidden := {mask.path |
		some mask in lists.hidden with input as listing
			with data.settings.pins as _settings({"changed": "deny"})
			with data.settings.roles as grants
			with data.policies.all.allow as true
	}
	hidden == {"/result/tools/1"}
}

test_other_instructions_do_not_arrive if {
	removed := {{"path": "/result/instructions", "with": "remove"}}
	changed := _answer({"instructions": "sha256:9", "info": "sha256:6"})
	every rule in ["hold", "deny"] {
		pins.mask == removed with input as changed with data.settings.pins as _settings({"changed": rule})
	}
	pins.mask == set() with input as changed with data.settings.pins as _settings({})
	pins.label == {"changed_server"} with input as changed with data.settings.pins as _settings({})

	same := _answer({"instructions": "sha256:5", "info": "sha256:6"})
	pins.mask == set() with input as same with data.settings.pins as _settings({"changed": "deny"})
	pins.label == set() with input as same with data.settings.pins as _settings({"changed": "deny"})

	silent := {"shop": {"tools": {}, "server": {"info": "sha256:6"}}}
	settings := object.union(object.remove(_settings({"changed": "deny"}), ["upstreams"]), {"upstreams": silent})
	pins.mask == removed with input as changed with data.settings.pins as settings
}

test_suspicious_instructions_are_labelled if {
	answer := object.union(_answer({}), {"server": {"suspicions": ["hidden_text"]}, "upstream": {"name": "mail"}})
	pins.label == {"suspicious_server"} with input as answer with data.settings.pins as _settings({})
}

test_without_settings_nothing_passes if {
	missing := {{"code": "settings_missing", "message": "the settings of the pins policy are missing"}}
	every settings in [{}, object.remove(_settings({}), ["changed"]), _settings({"unpinned": "ask"})] {
		pins.deny == missing with input as {"kind": "request"} with data.settings.pins as settings
	}
}

_now_changed := _call("list", {"description": "sha256:9", "title": "sha256:3", "input_schema": "sha256:2"}, [])

_now_suspicious := _call("other", {}, ["hidden_text", "addresses_model"])

_call(tool, parts, suspicions) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "shop"},
	"message": {"method": "tools/call", "params": {"name": tool}},
	"tool": {"name": tool, "annotations": {}, "digest": "sha256:0", "parts": parts, "suspicions": suspicions},
}

_answer(parts) := {
	"direction": "to_client",
	"kind": "response",
	"upstream": {"name": "shop"},
	"request": {"method": "initialize"},
	"message": {"result": {"instructions": "Do it."}},
	"server": {"parts": parts, "suspicions": []},
}

_said(message, rules) := _said_with(message, _settings(rules))

_said_with(message, settings) := {
	"deny": denied,
	"require_approval": held,
	"label": labels,
} if {
	denied := pins.deny with input as message with data.settings.pins as settings
	held := pins.require_approval with input as message with data.settings.pins as settings
	labels := pins.label with input as message with data.settings.pins as settings
}
