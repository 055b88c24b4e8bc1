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
			"mask": {{"path": "/result", "with": "hash"}},
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
			"groups": {"a", "b"},
			"quorum": 2,
			"ttl_seconds": 60,
		}},
		"scopes": {{
			"policy": "second",
			"scope": "files:read",
			"implied_by": {"files:all"},
			"code": "needs_scope",
			"message": "takes files:read",
		}},
		"masks": {{"path": "/result", "with": "hash"}},
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

_mask_fault := _fault("mask", "a set of {path, with, match}")

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
		"limits": said.limits,
		"labels": said.labels,
		"faults": said.faults,
	} with data.policies as policies
}
