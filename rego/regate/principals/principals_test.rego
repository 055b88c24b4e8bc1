package regate.principals_test

import data.regate.principals

_caller := {"principal": {"groups": ["operators"], "roles": ["auditor"]}}

test_in_group_compares_exactly if {
	principals.in_group("operators") with input as _caller
	not principals.in_group("Operators") with input as _caller
	not principals.in_group("auditor") with input as _caller
}

test_has_role_compares_exactly if {
	principals.has_role("auditor") with input as _caller
	not principals.has_role("audit") with input as _caller
	not principals.has_role("operators") with input as _caller
}
