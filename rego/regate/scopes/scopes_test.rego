package regate.scopes_test

import data.regate.scopes

_reading := {"scope": "files:read", "code": "read", "message": "takes files:read"}

_writing := {
	"scope": "files:write",
	"implied_by": {"files:all", "admin"},
	"code": "write",
	"message": "takes files:write",
}

test_nothing_required_is_nothing_missing if {
	_asked({}, []) == {"required": set(), "missing": set()}
}

test_all_that_is_required_is_named_whatever_is_held if {
	_asked({"a": {"require_scope": {_reading}}, "b": {"require_scope": {_writing}}}, ["files:read"]) == {
		"required": {"files:read", "files:write"},
		"missing": {{"policy": "b", "code": "write", "message": "takes files:write"}},
	}
}

test_what_is_held_is_not_missing if {
	every held in [["files:write"], ["other", "files:all"], ["admin"]] {
		_asked({"b": {"require_scope": {_writing}}}, held) == {"required": {"files:write"}, "missing": set()}
	}
}

test_a_scope_is_compared_as_a_whole if {
	every held in [[], ["files"], ["files:writer"], ["FILES:WRITE"], ["files:read files:write"]] {
		count(_asked({"b": {"require_scope": {_writing}}}, held).missing) == 1
	}
}

test_without_scopes_all_is_missing if {
	statements := {"a": {"require_scope": {_reading}}}
	count(scopes.missing) == 1 with data.policies as statements with input as {}
	count(scopes.missing) == 1 with data.policies as statements with input as {"principal": {"scopes": null}}
}

test_nothing_is_missing_for_a_listing if {
	statements := {"a": {"require_scope": {_reading}}}
	scopes.missing == set() with data.policies as statements with input as {"listing": true}
}

_asked(policies, held) := result if {
	result := {"required": scopes.required, "missing": scopes.missing} with data.policies as policies
		with input as {"principal": {"scopes": held}}
}
