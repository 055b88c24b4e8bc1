package regate.approval_test

import data.regate.approval

_asks(groups, quorum, ttl_seconds) := _asks_more(groups, quorum, ttl_seconds, {})

_asks_more(groups, quorum, ttl_seconds, more) := {"require_approval": {object.union(
	{
		"groups": groups,
		"quorum": quorum,
		"ttl_seconds": ttl_seconds,
		"code": "needs_human",
		"message": "ask",
	},
	more,
)}}

_granted := {"id": "1", "approvers": ["x"], "state": "approved"}

_body(groups, quorum) := {"groups": groups, "quorum": quorum}

test_nothing_required if {
	_judged({}, null) == {}
	_judged({}, _granted) == {"granted": true}
}

test_one_requirement_is_outstanding if {
	_judged({"p": _asks(["oncall"], 1, 900)}, null) == {
		"needed": {"all_of": [_body(["oncall"], 1)], "ttl_seconds": 900},
		"outstanding": true,
	}
}

test_all_policies_approvers_are_needed_and_the_shortest_wait if {
	_needed({"p": _asks(["b", "a"], 1, 60), "q": _asks(["c"], 3, 900)}) == {
		"all_of": [_body(["a", "b"], 1), _body(["c"], 3)],
		"ttl_seconds": 60,
	}
}

test_the_same_approvers_are_needed_once_by_the_highest_quorum if {
	_needed({"p": _asks(["b", "a"], 1, 60), "q": _asks({"a", "b"}, 3, 900), "r": _asks(["a", "b"], 2, 900)}) == {
		"all_of": [_body(["a", "b"], 3)],
		"ttl_seconds": 60,
	}
}

test_approvers_that_differ_in_what_replaces_them_are_not_the_same if {
	policies := {
		"p": _asks_more(["a"], 1, 60, {"break_glass": ["z", "y"]}),
		"q": _asks_more(["a"], 1, 60, {"escalate": {"after_seconds": 30, "groups": {"c", "b"}}}),
		"r": _asks(["a"], 1, 60),
	}
	{body | some body in _needed(policies).all_of} == {
		{"groups": ["a"], "quorum": 1, "break_glass": ["y", "z"]},
		{"groups": ["a"], "quorum": 1, "escalate": {"after_seconds": 30, "groups": ["b", "c"]}},
		_body(["a"], 1),
	}
}

test_a_requirement_without_groups_takes_its_policys_approvers if {
	approver := {
		{"groups": ["finance"], "quorum": 2},
		{"groups": ["legal"], "quorum": 1, "break_glass": ["chiefs"]},
	}
	statement := {"code": "c", "message": "m", "ttl_seconds": 60}
	policies := {
		"p": {"require_approval": {statement}, "approver": approver},
		"q": {"approver": {{"groups": ["unheard"], "quorum": 1}}},
	}
	_needed(policies) == {
		"all_of": [
			{"break_glass": ["chiefs"], "groups": ["legal"], "quorum": 1},
			_body(["finance"], 2),
		],
		"ttl_seconds": 60,
	}
}

test_a_yes_is_good_for_the_least_that_any_policy_says if {
	p := _asks_more(["a"], 1, 60, {"grant": {"uses": 5, "valid_seconds": 3600, "class": "refunds"}})
	q := _asks_more(["b"], 1, 60, {"grant": {"uses": 9, "valid_seconds": 600, "class": "eu"}})
	same := _asks_more(["c"], 1, 60, {"grant": {"uses": 9, "valid_seconds": 600, "class": "eu"}})
	unclassed := _asks_more(["b"], 1, 60, {"grant": {"uses": 9, "valid_seconds": 600}})
	_needed({"p": p}).grant == {"uses": 5, "valid_seconds": 3600, "class": "refunds"}
	_needed({"p": p, "q": q}).grant == {"uses": 5, "valid_seconds": 600, "class": "eu & refunds"}
	_needed({"q": q, "same": same}).grant == {"uses": 9, "valid_seconds": 600, "class": "eu"}
	_needed({"p": p, "q": unclassed}).grant == {"uses": 5, "valid_seconds": 600}
	_needed({"p": p, "q": _asks(["b"], 1, 900)}).grant == {"uses": 1, "valid_seconds": 900}
	not _needed({"q": _asks(["b"], 1, 900)}).grant
}

test_classes_too_long_to_join_are_none if {
	long := concat("", [letter | some _ in numbers.range(1, 150); letter := "x"])
	p := _asks_more(["a"], 1, 60, {"grant": {"uses": 5, "valid_seconds": 60, "class": long}})
	q := _asks_more(["a"], 1, 60, {"grant": {"uses": 5, "valid_seconds": 60, "class": $"{long}y"}})
	_needed({"p": p, "q": q}).grant == {"uses": 5, "valid_seconds": 60}
}

test_a_caller_waits_as_all_accept if {
	p := _asks_more(["a"], 1, 60, {"wait": {"styles": ["task", "hold", "return"], "hold_seconds": 30}})
	q := _asks_more(["a"], 1, 60, {"wait": {"styles": ["hold", "task"], "hold_seconds": 20}})
	alone := _asks_more(["a"], 1, 60, {"wait": {"styles": ["url_elicitation"], "hold_seconds": 60}})
	_needed({"p": p, "q": q, "r": _asks(["a"], 1, 60)}).wait == {"styles": ["task", "hold"], "hold_seconds": 20}
	_needed({"q": p, "p": q}).wait == {"styles": ["hold", "task"], "hold_seconds": 20}
	_needed({"p": p, "alone": alone}).wait == {"styles": ["return"], "hold_seconds": 30}
}

test_more_approvers_than_can_be_named_are_too_many if {
	statement := {"code": "c", "message": "m", "ttl_seconds": 60}
	not _judged({"p": {"require_approval": {statement}, "approver": _bodies(10)}}, null).too_many
	_judged({"p": {"require_approval": {statement}, "approver": _bodies(11)}}, null).too_many
}

test_an_approval_grants if {
	_judged({"p": _asks(["oncall"], 2, 900)}, _granted) == {
		"needed": {"all_of": [_body(["oncall"], 2)], "ttl_seconds": 900},
		"granted": true,
	}
}

test_an_approval_by_nobody_grants_nothing if {
	judged := _judged({"p": _asks(["oncall"], 2, 900)}, {"id": "1", "approvers": [], "state": "approved"})
	judged.outstanding
	not judged.granted
}

test_no_other_state_grants if {
	every state in ["pending", "denied", "expired", "spent", "Approved", "", true, null] {
		judged := _judged({"p": _asks(["oncall"], 1, 900)}, {"id": "1", "approvers": ["x"], "state": state})
		judged.outstanding
		not judged.granted
	}
}

_bodies(most) := {_body([$"group {number}"], 1) | some number in numbers.range(1, most)}

_needed(policies) := _judged(policies, null).needed

_judged(policies, brought) := result if {
	result := object.union_n([
		{"needed": value | value := approval.needed},
		{"outstanding": value | value := approval.outstanding},
		{"granted": value | value := approval.granted},
		{"too_many": value | value := approval.too_many},
	]) with data.policies as policies with input.approval as brought
}
