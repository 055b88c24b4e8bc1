package regate.said_test

import data.regate.said

_reason := {"code": "too_late", "message": "it is late"}

_requirement := {"groups": ["b", "a"], "quorum": 2, "ttl_seconds": 60, "code": "needs_human", "message": "ask"}

_nothing := {"allowed": set(), "denials": set(), "requirements": set(), "masks": set(), "labels": set(), "faults": set()}

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
		"masks": {{"path": "/result", "with": "hash"}},
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

test_a_label_that_is_no_string_is_a_fault if {
	every word in [5, null, {"word": "late"}] {
		_collected({"odd": {"label": {word}}}) == object.union(_nothing, {"faults": {_label_fault}})
	}
	_collected({"odd": {"label": "late"}}) == object.union(_nothing, {"faults": {_label_fault}})
}

_deny_fault := _fault("deny", "a set of {code, message}")

_requirement_fault := _fault("require_approval", "a set of {groups, quorum, ttl_seconds, code, message}")

_mask_fault := _fault("mask", "a set of {path, with, match}")

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
		"masks": said.masks,
		"labels": said.labels,
		"faults": said.faults,
	} with data.policies as policies
}
