package regate.main_test

import data.regate.main

_request := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "demo"},
	"message": {"method": "tools/call", "params": {"name": "echo"}},
}

_mask := {"path": "/params/arguments/note", "with": "redact"}

_talkative := {"allow": true, "mask": {_mask}, "label": {"b", "a"}}

_asking := {"require_approval": {{
	"groups": ["oncall"],
	"quorum": 1,
	"ttl_seconds": 60,
	"code": "ask",
	"message": "ask a human",
}}}

test_an_allowed_message_has_its_masks_and_labels if {
	_decided({"talkative": _talkative}, _request) == {
		"effect": "allow",
		"reasons": [],
		"mask": [_mask],
		"labels": ["a", "b"],
	}
}

test_a_held_message_says_who_may_approve if {
	_decided({"talkative": _talkative, "asking": _asking}, _request) == {
		"effect": "require_approval",
		"reasons": [{"policy": "asking", "code": "ask", "message": "ask a human"}],
		"approval": {"all_of": [{"groups": ["oncall"], "quorum": 1}], "ttl_seconds": 60},
		"mask": [_mask],
		"labels": ["a", "b"],
	}
}

test_a_message_without_its_scopes_says_which_it_takes if {
	scoped := {"require_scope": {{"scope": "files:write", "code": "write", "message": "takes files:write"}}}
	_decided({"talkative": _talkative, "scoped": scoped, "asking": _asking}, _request) == {
		"effect": "deny",
		"reasons": [{"policy": "scoped", "code": "write", "message": "takes files:write"}],
		"scopes": ["files:write"],
		"mask": [],
		"labels": ["a", "b"],
	}
}

test_only_a_request_that_is_not_denied_has_tokens_turned_back if {
	restoring := {"allow": true, "restore": {{"path": "/params/arguments/to"}, {"path": "/params/arguments/**", "from": {"crm"}}}}
	restored := [{"from": ["crm"], "path": "/params/arguments/**"}, {"path": "/params/arguments/to"}]
	_decided({"restoring": restoring}, _request).restore == restored
	_decided({"restoring": restoring, "asking": _asking}, _request).restore == restored
	denying := {"deny": {{"code": "no", "message": "no"}}}
	not _decided({"restoring": restoring, "denying": denying}, _request).restore
	not _decided({"restoring": restoring}, object.union(_request, {"direction": "to_client"})).restore
}

test_what_passes_or_waits_says_what_it_counts_against if {
	limits := [
		{"policy": "limiting", "name": "total", "kind": "quota", "amount": 5, "per_seconds": 60, "burst": 5, "cost": 2, "key": "all"},
		{"policy": "limiting", "name": "calls", "kind": "rate", "amount": 10, "per_seconds": 60, "burst": 10, "cost": 1, "key": "i|a"},
	]
	limiting := {"allow": true, "limit": {
		{"name": "total", "kind": "quota", "amount": 5, "per_seconds": 60, "cost": 2, "key": "all"},
		{"name": "calls", "kind": "rate", "amount": 10, "per_seconds": 60},
	}}
	caller := {"principal": {"id": "i|a"}}
	_decided({"limiting": limiting}, object.union(_request, caller)).limits == limits
	_decided({"limiting": limiting, "asking": _asking}, object.union(_request, caller)).limits == limits

	refusing := {"deny": {{"code": "z", "message": "z"}}}
	not _decided({"limiting": limiting, "refusing": refusing}, object.union(_request, caller)).limits
	answer := {"direction": "to_client", "kind": "response", "request": {"method": "ping"}, "message": {"result": {}}}
	not _decided({"limiting": limiting}, object.union(answer, caller)).limits
}

test_a_refused_message_has_labels_and_no_masks if {
	refusing := {"deny": {{"code": "z", "message": "z"}, {"code": "b", "message": "b"}}}
	_decided({"talkative": _talkative, "refusing": refusing}, _request) == {
		"effect": "deny",
		"reasons": [
			{"policy": "refusing", "code": "b", "message": "b"},
			{"policy": "refusing", "code": "z", "message": "z"},
		],
		"mask": [],
		"labels": ["a", "b"],
	}
}

test_an_empty_input_is_refused if {
	_decided({}, {}) == {
		"effect": "deny",
		"reasons": [{
			"policy": "regate",
			"code": "not_allowed",
			"message": "no policy allows this request on <undefined>",
		}],
		"mask": [],
		"labels": [],
	}
}

test_a_list_is_filtered_by_masks if {
	listing := {
		"direction": "to_client",
		"kind": "response",
		"upstream": {"name": "demo"},
		"request": {"method": "tools/list"},
		"message": {"result": {"tools": [{"name": "a"}, {"name": "b"}]}},
	}
	_decided({}, listing) == {
		"effect": "allow",
		"reasons": [],
		"mask": [
			{"path": "/result/tools/0", "with": "remove"},
			{"path": "/result/tools/1", "with": "remove"},
		],
		"labels": [],
	}
}

test_a_message_cannot_claim_to_be_a_listing if {
	every claim in [true, "true", 1, null] {
		_decided({"talkative": _talkative}, object.union(_request, {"listing": claim})) == {
			"effect": "deny",
			"reasons": [{
				"policy": "regate",
				"code": "listing_in_input",
				"message": "only the library asks about listings; a message that claims to be one is refused",
			}],
			"mask": [],
			"labels": [],
		}
	}
}

_decided(policies, message) := result if {
	result := main.decision with data.policies as policies with input as message
}
