package regate.approval_test

import data.regate.approval

_asks(groups, quorum, ttl_seconds) := {"require_approval": {{
	"groups": groups,
	"quorum": quorum,
	"ttl_seconds": ttl_seconds,
	"code": "needs_human",
	"message": "ask",
}}}

test_nothing_required if {
	_judged({}, null) == {}
}

test_one_requirement_is_outstanding if {
	_judged({"p": _asks(["oncall"], 1, 900)}, null) == {
		"needed": {"groups": ["oncall"], "quorum": 1, "ttl_seconds": 900},
		"outstanding": true,
	}
}

test_requirements_merge_to_the_strictest if {
	_judged({"p": _asks(["b", "a"], 1, 60), "q": _asks(["a", "b"], 3, 900)}, null) == {
		"needed": {"groups": ["a", "b"], "quorum": 3, "ttl_seconds": 60},
		"outstanding": true,
	}
}

test_only_groups_that_all_accept_may_approve if {
	_judged({"p": _asks(["a", "b"], 1, 60), "q": _asks(["b", "c"], 1, 60)}, null) == {
		"needed": {"groups": ["b"], "quorum": 1, "ttl_seconds": 60},
		"outstanding": true,
	}
}

test_groups_without_a_common_one_conflict if {
	policies := {"p": _asks(["a"], 1, 60), "q": _asks(["b"], 1, 60)}
	_judged(policies, null) == {"outstanding": true, "conflict": true}
	_judged(policies, {"id": "1", "approvers": ["x", "y"], "state": "approved"}) == {"outstanding": true, "conflict": true}
}

test_an_approval_grants if {
	_judged({"p": _asks(["oncall"], 1, 900)}, {"id": "1", "approvers": ["x"], "state": "approved"}) == {
		"needed": {"groups": ["oncall"], "quorum": 1, "ttl_seconds": 900},
		"granted": true,
	}
}

test_a_quorum_counts_different_approvers if {
	policies := {"p": _asks(["oncall"], 2, 900)}
	needed := {"groups": ["oncall"], "quorum": 2, "ttl_seconds": 900}
	_judged(policies, {"id": "1", "approvers": ["x"], "state": "approved"}) == {"needed": needed, "outstanding": true}
	_judged(policies, {"id": "1", "approvers": ["x", "x"], "state": "approved"}) == {"needed": needed, "outstanding": true}
	_judged(policies, {"id": "1", "approvers": ["x", "y"], "state": "approved"}) == {"needed": needed, "granted": true}
}

test_no_other_state_grants if {
	every state in ["pending", "denied", "expired", "spent", "Approved", "", true, null] {
		judged := _judged({"p": _asks(["oncall"], 1, 900)}, {"id": "1", "approvers": ["x"], "state": state})
		judged.outstanding
		not judged.granted
	}
}

_judged(policies, brought) := result if {
	result := object.union_n([
		{"needed": value | value := approval.needed},
		{"outstanding": value | value := approval.outstanding},
		{"granted": value | value := approval.granted},
		{"conflict": value | value := approval.conflict},
	]) with data.policies as policies with input.approval as brought
}
