package regate.said_test

import data.regate.said

_reason := {"code": "too_late", "message": "it is late"}

_requirement := {"groups": ["b", "a"], "quorum": 2, "ttl_seconds": 60, "code": "needs_human", "message": "ask"}

_required_scope := {"scope": "files:read", "implied_by": ["files:all"], "code": "needs_scope", "message": "takes files:read"}

_limit := {"name": "calls", "kind": "rate", "amount": 10, "per_seconds": 60, "key": "all"}

_nothing := {
	"allowed": set(),
	"denials": set(),
	"requirements": set(),
	"scopes": set(),
	"masks": set(),
	"restorations": set(),
	"limits": set(),
	"labels": set(),
	"faults": set(),
}

test_nothing_said_is_nothing if {
	_collected({}) == _nothing
	_collected({"quiet": {}}) == _nothing
}

test_each_word_is_collected_with_its_policy if {
	_collected({
		"first": {"allow": true, "deny": {_reason}, "label": {"late"}},
		"second": {
			"require_approval": {_requirement},
			"mask": {{"path": "/result", "with": "hash"}, {"path": "/result/b", "with": {"tokenize": {"ttl_seconds": 60}}}},
			"restore": {{"path": "/params/arguments/to", "from": {"crm"}}},
			"require_scope": {_required_scope},
			"limit": {_limit},
		},
	}) == {
		"allowed": {true},
		"denials": {{"policy": "first", "code": "too_late", "message": "it is late"}},
		"requirements": {{
			"policy": "second",
			"code": "needs_human",
			"message": "ask",
			"approvers": {{"groups": ["a", "b"], "quorum": 2}},
			"ttl_seconds": 60,
		}},
		"scopes": {{
			"policy": "second",
			"scope": "files:read",
			"implied_by": {"files:all"},
			"code": "needs_scope",
			"message": "takes files:read",
		}},
		"masks": {{"path": "/result", "with": "hash"}, {"path": "/result/b", "with": {"tokenize": {"ttl_seconds": 60}}}},
		"restorations": {{"path": "/params/arguments/to", "from": ["crm"]}},
		"limits": {object.union(_limit, {"policy": "second", "burst": 10, "cost": 1})},
		"labels": {"late"},
		"faults": set(),
	}
}

test_a_false_allow_is_no_allow_and_no_fault if {
	_collected({"strict": {"allow": false}}) == _nothing
}

test_only_true_allows if {
	every word in ["true", 1, {}, {"x"}, [true], null] {
		_collected({"odd": {"allow": word}}) == object.union(_nothing, {"faults": {_fault("allow", "true or false")}})
	}
}

test_a_deny_that_is_no_set_is_a_fault if {
	every word in [true, false, "no", 0, {}, null] {
		_collected({"odd": {"deny": word}}) == object.union(_nothing, {"faults": {_deny_fault}})
	}
}

test_a_deny_that_is_no_reason_is_a_fault if {
	every word in [
		"just words",
		null,
		{},
		{"code": "lonely"},
		{"message": "lonely"},
		{"code": "Not A Code", "message": "m"},
		{"code": "empty", "message": ""},
		{"code": 5, "message": "m"},
		{"code": "c", "message": 5},
	] {
		_collected({"odd": {"deny": {word}}}) == object.union(_nothing, {"faults": {_deny_fault}})
	}
}

test_a_reason_beside_a_fault_still_counts if {
	_collected({"odd": {"deny": {_reason, "words"}}}) == object.union(_nothing, {
		"denials": {{"policy": "odd", "code": "too_late", "message": "it is late"}},
		"faults": {_deny_fault},
	})
}

test_a_requirement_that_cannot_be_carried_out_is_a_fault if {
	every change in [
		{"groups": []},
		{"groups": "a"},
		{"groups": {"a": "b"}},
		{"groups": [""]},
		{"groups": [1]},
		{"quorum": 0},
		{"quorum": 11},
		{"quorum": 1.5},
		{"quorum": "1"},
		{"ttl_seconds": 0},
		{"ttl_seconds": 604801},
		{"ttl_seconds": null},
		{"code": "Bad Code"},
		{"unless": "friday"},
		{"groups": false},
		{"groups": [concat("", [letter | some _ in numbers.range(1, 201); letter := "x"])]},
		{"groups": [$"group {number}" | some number in numbers.range(1, 51)]},
		{"escalate": {}},
		{"escalate": {"after_seconds": 5}},
		{"escalate": {"after_seconds": 0, "groups": ["a"]}},
		{"escalate": {"after_seconds": 5, "groups": []}},
		{"escalate": {"after_seconds": 5, "groups": ["a"], "quorum": 1}},
		{"break_glass": []},
		{"break_glass": "chiefs"},
		{"break_glass": null},
		{"grant": {}},
		{"grant": {"uses": 1}},
		{"grant": {"uses": 0, "valid_seconds": 1}},
		{"grant": {"uses": 10001, "valid_seconds": 1}},
		{"grant": {"uses": 1, "valid_seconds": 604801}},
		{"grant": {"uses": 1, "valid_seconds": 1, "class": ""}},
		{"grant": {"uses": 1, "valid_seconds": 1, "class": 5}},
		{"grant": {"uses": 1, "valid_seconds": 1, "classes": "a"}},
		{"wait": {}},
		{"wait": {"styles": ["hold"]}},
		{"wait": {"styles": [], "hold_seconds": 5}},
		{"wait": {"styles": {"hold"}, "hold_seconds": 5}},
		{"wait": {"styles": ["hold", "hold"], "hold_seconds": 5}},
		{"wait": {"styles": ["for ever"], "hold_seconds": 5}},
		{"wait": {"styles": ["hold"], "hold_seconds": 3601}},
	] {
		word := object.union(_requirement, change)
		_collected({"odd": {"require_approval": {word}}}) == object.union(_nothing, {"faults": {_requirement_fault}})
	}
}

test_a_requirement_lacks_no_member if {
	every member in object.keys(_requirement) {
		word := object.remove(_requirement, [member])
		_collected({"odd": {"require_approval": {word}}}) == object.union(_nothing, {"faults": {_requirement_fault}})
	}
}

test_a_requirement_says_all_that_it_may if {
	more := {"grant": {"uses": 3, "valid_seconds": 60, "class": "c"}, "wait": {"styles": ["hold"], "hold_seconds": 5}}
	approvers := {"escalate": {"after_seconds": 5, "groups": {"c", "b"}}, "break_glass": ["z", "z"]}
	word := object.union_n([_requirement, more, approvers])
	_collected({"p": {"require_approval": {word}}}).requirements == {object.union(more, {
		"policy": "p",
		"code": "needs_human",
		"message": "ask",
		"ttl_seconds": 60,
		"approvers": {{
			"groups": ["a", "b"],
			"quorum": 2,
			"escalate": {"after_seconds": 5, "groups": ["b", "c"]},
			"break_glass": ["z"],
		}},
	})}
}

_groupless := object.remove(_requirement, ["groups", "quorum"])

test_a_requirement_without_groups_is_one_where_its_policy_names_approvers if {
	approver := {{"groups": ["a"], "quorum": 1}, {"groups": ["b"], "quorum": 2}}
	_collected({"p": {"require_approval": {_groupless}, "approver": approver}}) == object.union(_nothing, {"requirements": {{
		"policy": "p",
		"code": "needs_human",
		"message": "ask",
		"ttl_seconds": 60,
		"approvers": approver,
	}}})
}

test_a_requirement_that_nobody_can_approve_is_a_fault if {
	elsewhere := {"approver": {{"groups": ["a"], "quorum": 1}}}
	_collected({"odd": {"require_approval": {_groupless}}}).faults == {_requirement_fault}
	_collected({"odd": {"require_approval": {_groupless}, "approver": set()}}).faults == {_requirement_fault}
	_collected({"odd": {"require_approval": {_groupless}}, "other": elsewhere}).faults == {_requirement_fault}
}

test_a_requirement_without_groups_says_nothing_else_of_approvers if {
	every more in [{"quorum": 1}, {"break_glass": ["a"]}, {"escalate": {"after_seconds": 5, "groups": ["a"]}}] {
		policy := {"require_approval": {object.union(_groupless, more)}, "approver": {{"groups": ["a"], "quorum": 1}}}
		_collected({"odd": policy}).faults == {_requirement_fault}
	}
}

test_approvers_that_are_none_are_a_fault if {
	every word in [true, {"groups": ["a"]}, [{"groups": ["a"], "quorum": 1}], {{"groups": ["a"]}}, {{"groups": ["a"], "quorum": 1, "ttl_seconds": 5}}, {"a"}] {
		_collected({"odd": {"approver": word}}) == object.union(_nothing, {"faults": {_approver_fault}})
	}
	good := {"groups": ["a"], "quorum": 1}
	_collected({"odd": {"approver": {good}}}) == _nothing
	_collected({"odd": {"approver": {good, "a"}, "require_approval": {_groupless}}}).faults == {_approver_fault}
}

test_a_require_approval_that_is_no_set_is_a_fault if {
	_collected({"odd": {"require_approval": true}}) == object.union(_nothing, {"faults": {_requirement_fault}})
}

test_groups_may_be_a_set if {
	word := object.union(_requirement, {"groups": {"a", "b"}})
	count(_collected({"odd": {"require_approval": {word}}}).requirements) == 1
}

test_a_scope_need_not_be_implied if {
	word := object.remove(_required_scope, ["implied_by"])
	_collected({"odd": {"require_scope": {word}}}) == object.union(_nothing, {"scopes": {{
		"policy": "odd",
		"scope": "files:read",
		"implied_by": set(),
		"code": "needs_scope",
		"message": "takes files:read",
	}}})
}

test_a_scope_that_no_token_can_have_is_a_fault if {
	every change in [
		{"scope": ""},
		{"scope": "two words"},
		{"scope": "a\"b"},
		{"scope": `a\b`},
		{"scope": "naïve"},
		{"scope": ["files:read"]},
		{"scope": null},
		{"scope": concat("", [letter | some _ in numbers.range(1, 257); letter := "a"])},
		{"implied_by": "files:all"},
		{"implied_by": {"files:all": true}},
		{"implied_by": ["two words"]},
		{"implied_by": [null]},
		{"code": "Bad Code"},
		{"message": ""},
		{"unless": "friday"},
	] {
		word := object.union(_required_scope, change)
		_collected({"odd": {"require_scope": {word}}}) == object.union(_nothing, {"faults": {_scope_fault}})
	}
}

test_a_required_scope_has_a_scope_and_a_reason if {
	every member in ["scope", "code", "message"] {
		word := object.remove(_required_scope, [member])
		_collected({"odd": {"require_scope": {word}}}) == object.union(_nothing, {"faults": {_scope_fault}})
	}
}

test_a_require_scope_that_is_no_set_is_a_fault if {
	every word in [true, "files:read", {}, {"scope": "files:read"}, [_required_scope], null] {
		_collected({"odd": {"require_scope": word}}).faults == {_scope_fault}
	}
}

test_every_shape_of_mask_is_collected if {
	shapes := {
		{"path": "/result/a", "with": "redact"},
		{"path": "/result/a", "with": "last4"},
		{"path": "/result/a", "with": "remove"},
		{"path": "/result/a", "with": "fake"},
		{"path": "/result/a", "with": "tokenize"},
		{"path": "/result/a", "with": {"tokenize": {"ttl_seconds": 60}}},
		{"path": "/result/a", "with": {"literal": null}},
		{"path": "/result/**", "with": "hash", "match": {"detector": "email"}},
		{"path": "/result/**", "with": "hash", "match": {"pattern": "[0-9]+"}},
	}
	_collected({"odd": {"mask": shapes}}) == object.union(_nothing, {"masks": shapes})
}

test_a_mask_that_cannot_be_carried_out_is_a_fault if {
	every word in [
		"words",
		{"with": "redact"},
		{"path": "result", "with": "redact"},
		{"path": 5, "with": "redact"},
		{"path": "/result"},
		{"path": "/result", "with": "blur"},
		{"path": "/result", "with": {"literal": 1, "also": 2}},
		{"path": "/result", "with": {"tokenize": 60}},
		{"path": "/result", "with": "redact", "match": "email"},
		{"path": "/result", "with": "redact", "match": {}},
		{"path": "/result", "with": "redact", "match": {"detector": 5}},
		{"path": "/result", "with": "redact", "match": {"detector": "email", "pattern": "x"}},
		{"path": "/result", "with": "redact", "matches": {"detector": "email"}},
	] {
		_collected({"odd": {"mask": {word}}}) == object.union(_nothing, {"faults": {_mask_fault}})
	}
	_collected({"odd": {"mask": [{"path": "/result", "with": "redact"}]}}).faults == {_mask_fault}
}

test_a_restore_that_does_not_say_where_is_a_fault if {
	every word in [true, "/params/arguments/to", {"path": "/params/arguments/to"}, {{"path": "/params/name"}}, {{"from": {"crm"}}}] {
		_collected({"odd": {"restore": word}}) == object.union(_nothing, {"faults": {_restore_fault}})
	}
}

test_a_limit_that_cannot_be_counted_is_a_fault if {
	every word in [true, "calls", _limit, {"calls"}, {object.remove(_limit, ["amount"])}] {
		_collected({"odd": {"limit": word}}) == object.union(_nothing, {"faults": {_limit_fault}})
	}
	_collected({"odd": {"limit": [_limit]}}).faults == {_limit_fault}
}

test_limits_that_contradict_each_other_are_a_fault if {
	said := {_limit, object.union(_limit, {"amount": 20})}
	_collected({"odd": {"limit": said}}).faults == {_limit_fault}
	_collected({"odd": {"limit": {_limit}}, "other": {"limit": {object.union(_limit, {"amount": 20})}}}).faults == set()
}

test_a_label_that_is_no_string_is_a_fault if {
	every word in [5, null, {"word": "late"}] {
		_collected({"odd": {"label": {word}}}) == object.union(_nothing, {"faults": {_label_fault}})
	}
	_collected({"odd": {"label": "late"}}) == object.union(_nothing, {"faults": {_label_fault}})
}

_deny_fault := _fault("deny", "a set of {code, message}")

_requirement_fault := _fault("require_approval", "a set of {groups, quorum, ttl_seconds, code, message}")

_scope_fault := _fault("require_scope", "a set of {scope, code, message, implied_by}")
_approver_fault := _fault("approver", "a set of {groups, quorum}")

_mask_fault := _fault("mask", "a set of {path, with, match}")

_restore_fault := _fault("restore", "a set of {path, detector, from}")

_limit_fault := _fault("limit", "a set of {name, kind, amount, per_seconds, burst, cost, key}")

_label_fault := _fault("label", "a set of strings")

_fault(word, shape) := {
	"policy": "odd",
	"code": "policy_malformed",
	"message": $"the policy's `{word}` is not {shape}, so nothing it judges may pass",
}

_collected(policies) := result if {
	result := {
		"allowed": {value | value := said.allowed},
		"denials": said.denials,
		"requirements": said.requirements,
		"scopes": said.scopes,
		"masks": said.masks,
		"restorations": said.restorations,
		"limits": said.limits,
		"labels": said.labels,
		"faults": said.faults,
	} with data.policies as policies
}
