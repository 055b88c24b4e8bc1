package regate.effect_test

import data.regate.effect

_request := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "demo"},
	"message": {"method": "tools/call", "params": {"name": "echo"}},
}

_answer := {
	"direction": "to_client",
	"kind": "response",
	"upstream": {"name": "demo"},
	"request": {"method": "tools/call", "params": {"name": "echo"}},
	"message": {"result": {}},
}

_open := {"allow": true}

_refusing := {"deny": {{"code": "no", "message": "never"}}}

_asking := {"require_approval": {{
	"groups": ["oncall"],
	"quorum": 1,
	"ttl_seconds": 60,
	"code": "ask",
	"message": "ask a human",
}}}

_scoped := {"require_scope": {
	{"scope": "files:read", "code": "read", "message": "takes files:read"},
	{"scope": "files:write", "code": "write", "message": "takes files:write"},
}}

_missing_scope(verb) := {"policy": "scoped", "code": verb, "message": $"takes files:{verb}"}

_holding(scopes) := object.union(_request, {"principal": {"scopes": scopes}})

_refusal := {"policy": "refusing", "code": "no", "message": "never"}

_approved := {"id": "appr-1", "approvers": ["x"], "state": "approved"}

test_nothing_said_is_deny if {
	_judged({}, _request) == {
		"effect": "deny",
		"reasons": {_not_allowed("tools/call of echo on demo")},
	}
}

test_the_refusal_names_what_was_asked if {
	messages := {
		"prompts/get of greeting on demo": {"method": "prompts/get", "params": {"name": "greeting"}},
		"resources/read of demo://1 on demo": {"method": "resources/read", "params": {"uri": "demo://1"}},
		"ping on demo": {"method": "ping"},
		"request on demo": {"method": 5},
	}
	every asked, message in messages {
		_judged({}, object.union(_request, {"message": message})).reasons == {_not_allowed(asked)}
	}
}

test_a_long_name_is_cut if {
	name := concat("", [letter | some _ in numbers.range(1, 200); letter := "é"])
	judged := _judged({}, object.union(_request, {"message": {"method": "tools/call", "params": {"name": name}}}))
	judged.reasons == {_not_allowed($"tools/call of {substring(name, 0, 100)} on demo")}
}

test_an_allow_allows if {
	_judged({"open": _open}, _request) == {"effect": "allow", "reasons": set()}
}

test_deny_beats_allow_and_approval if {
	judged := _judged(
		{"open": _open, "asking": _asking, "refusing": _refusing},
		object.union(_request, {"approval": _approved}),
	)
	judged == {"effect": "deny", "reasons": {_refusal}}
}

test_approval_beats_allow if {
	_judged({"open": _open, "asking": _asking}, _request) == {
		"effect": "require_approval",
		"reasons": {{"policy": "asking", "code": "ask", "message": "ask a human"}},
	}
}

test_a_missing_scope_beats_approval_and_allow if {
	judged := _judged({"open": _open, "asking": _asking, "scoped": _scoped}, _holding(["files:read"]))
	judged == {"effect": "deny", "reasons": {_missing_scope("write")}}
}

test_with_its_scopes_a_message_passes_or_waits if {
	held := _holding(["files:write", "files:read", "more"])
	_judged({"open": _open, "scoped": _scoped}, held) == {"effect": "allow", "reasons": set()}
	_judged({"open": _open, "asking": _asking, "scoped": _scoped}, held).effect == "require_approval"
}

test_all_scopes_are_named_where_they_would_help if {
	_stepping_up({"open": _open, "scoped": _scoped}, _holding(["files:read"])) == {{"files:read", "files:write"}}
	_stepping_up({"open": _open, "asking": _asking, "scoped": _scoped}, _holding([])) == {{"files:read", "files:write"}}
}

test_no_scopes_are_named_where_they_would_not_help if {
	lacking := _holding([])
	every policies in [
		{"scoped": _scoped},
		{"open": _open, "scoped": _scoped, "refusing": _refusing},
		{"open": _open, "scoped": _scoped, "odd": {"deny": {"words"}}},
	] {
		_stepping_up(policies, lacking) == set()
		not _missing_scope("read") in _judged(policies, lacking).reasons
	}
	_stepping_up({"open": _open, "scoped": _scoped}, _holding(["files:read", "files:write"])) == set()
}

test_what_a_server_sends_takes_scopes_too_but_no_step_up if {
	policies := {"open": _open, "scoped": _scoped}
	asked := object.union(_holding([]), {"direction": "to_client"})
	_judged(policies, asked) == {"effect": "deny", "reasons": {_missing_scope("read"), _missing_scope("write")}}
	_stepping_up(policies, asked) == set()
}

test_a_missing_scope_hides_nothing_from_a_listing if {
	listing := object.union(_holding([]), {"listing": true})
	_judged({"open": _open, "scoped": _scoped}, listing) == {"effect": "allow", "reasons": set()}
}

test_an_approval_alone_allows_nothing if {
	_judged({"asking": _asking}, object.union(_request, {"approval": _approved})) == {
		"effect": "deny",
		"reasons": {_not_allowed("tools/call of echo on demo")},
	}
}

test_an_approved_call_says_by_which_approval if {
	judged := _judged({"open": _open, "asking": _asking}, object.union(_request, {"approval": _approved}))
	judged == {
		"effect": "allow",
		"reasons": {{"policy": "asking", "code": "ask", "message": "ask a human (approved: appr-1)"}},
	}
}

test_a_server_request_must_be_allowed_too if {
	asked := object.union(_request, {"direction": "to_client", "message": {"method": "sampling/createMessage"}})
	_judged({}, asked) == {"effect": "deny", "reasons": {_not_allowed("sampling/createMessage on demo")}}
	_judged({"open": _open}, asked) == {"effect": "allow", "reasons": set()}
}

test_an_unknown_notification_needs_an_allow if {
	unknown := object.union(_request, {"kind": "notification", "message": {"method": "acme/done"}})
	every message in [unknown, object.union(unknown, {"direction": "to_client"})] {
		_judged({}, message).reasons == {_not_allowed("acme/done on demo")}
		_judged({"open": _open}, message).effect == "allow"
	}
}

test_responses_and_notifications_pass_unless_denied if {
	notification := object.union(_request, {"kind": "notification", "message": {"method": "notifications/progress"}})
	every message in [_answer, notification, object.union(notification, {"direction": "to_client"})] {
		_judged({}, message) == {"effect": "allow", "reasons": set()}
		_judged({"refusing": _refusing}, message) == {"effect": "deny", "reasons": {_refusal}}
	}
}

test_an_unknown_kind_does_not_pass if {
	judged := _judged({}, object.union(_request, {"kind": "batch"}))
	judged == {"effect": "deny", "reasons": {_not_allowed("tools/call on demo")}}
}

test_a_fault_denies if {
	_judged({"open": _open, "odd": {"deny": {"words"}}}, _request) == {
		"effect": "deny",
		"reasons": {{
			"policy": "odd",
			"code": "policy_malformed",
			"message": "the policy's `deny` is not a set of {code, message}, so nothing it judges may pass",
		}},
	}
}

test_the_library_refuses_what_it_cannot_judge if {
	many := {"require_approval": {object.union(_one(_asking.require_approval), {"groups": [$"group {number}"]}) |
		some number in numbers.range(1, 11)
	}}
	_codes({"open": _open, "many": many}, _request) == {"too_many_approvers"}

	untold := object.union(_request, {"message": {"method": "tools/call", "params": {"name": "echo", "arguments": "x"}}})
	_codes({"open": _open}, untold) == {"malformed_call"}

	_codes({}, object.remove(_answer, ["request"])) == {"unsolicited_answer"}

	list := object.union(_answer, {"request": {"method": "tools/list"}, "message": {"result": {"tools": {"0": {}}}}})
	_codes({}, list) == {"malformed_list"}
}

_one(set) := element if some element in set

_not_allowed(asked) := {"policy": "regate", "code": "not_allowed", "message": $"no policy allows this {asked}"}

_codes(policies, message) := {reason.code |
	judged := _judged(policies, message)
	judged.effect == "deny"
	some reason in judged.reasons
}

_stepping_up(policies, message) := result if {
	result := {scopes | scopes := effect.step_up} with data.policies as policies with input as message
}

_judged(policies, message) := result if {
	result := {"effect": effect.effect, "reasons": effect.reasons} with data.policies as policies with input as message
}
