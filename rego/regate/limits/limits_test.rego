package regate.limits_test

import data.regate.limits

_rate := {"name": "calls", "kind": "rate", "amount": 10, "per_seconds": 60}

_quota := {"name": "refunds_2", "kind": "quota", "amount": 100.5, "per_seconds": 86400, "cost": 19.99, "key": "team"}

test_what_is_left_out_is_filled_in if {
	_complete(_rate) == {{
		"policy": "p",
		"name": "calls",
		"kind": "rate",
		"amount": 10,
		"per_seconds": 60,
		"burst": 10,
		"cost": 1,
		"key": "issuer|agent",
	}}
	_complete(_quota) == {object.union(_quota, {"policy": "p", "burst": 100.5})}
}

test_what_is_said_stays if {
	said := object.union(_rate, {"burst": 20, "cost": 0, "key": "all"})
	_complete(said) == {object.union(said, {"policy": "p"})}
	said_of_a_quota := object.union(_quota, {"burst": 100.5})
	_complete(said_of_a_quota) == {object.union(said_of_a_quota, {"policy": "p"})}
}

test_bounds_are_those_of_the_decision if {
	every change in [
		{"amount": 1000000000},
		{"amount": 0.001},
		{"per_seconds": 1},
		{"per_seconds": 31622400},
		{"burst": 1000000000},
		{"cost": 1000000000},
		{"key": _long("k", 4096)},
		{"name": _long("n", 63)},
	] {
		count(_complete(object.union(_rate, change))) == 1
	}
}

test_what_cannot_be_carried_out_is_no_limit if {
	every change in [
		{"name": ""},
		{"name": "Calls"},
		{"name": "per-minute"},
		{"name": _long("n", 64)},
		{"name": 5},
		{"kind": "bucket"},
		{"kind": null},
		{"amount": 0},
		{"amount": -1},
		{"amount": 1000000001},
		{"amount": "10"},
		{"per_seconds": 0},
		{"per_seconds": 0.5},
		{"per_seconds": 31622401},
		{"per_seconds": "60"},
		{"burst": 0},
		{"burst": -1},
		{"burst": 1000000001},
		{"burst": "10"},
		{"cost": -0.01},
		{"cost": 1000000001},
		{"cost": 1e300},
		{"cost": "1"},
		{"cost": null},
		{"key": ""},
		{"key": null},
		{"key": 5},
		{"key": ["issuer|agent"]},
		{"key": _long("k", 4097)},
		{"unless": "friday"},
		{"kind": "quota", "burst": 11},
	] {
		_complete(object.union(_rate, change)) == set()
	}
	every statement in ["calls", null, {}, [], 5] { _complete(statement) == set() }
}

test_a_limit_lacks_no_member if {
	every member in object.keys(_rate) { _complete(object.remove(_rate, [member])) == set() }
}

test_without_a_principal_a_limit_needs_a_key if {
	not limits.complete("p", _rate) with input as {}
	limits.complete("p", _quota) with input as {}
}

test_a_set_of_limits_is_one_of_nothing_else if {
	_is_set_of_limits(set())
	_is_set_of_limits({_rate, _quota})
	every word in [true, "calls", {}, null, [_rate], {"calls": _rate}, {_rate, "words"}] {
		not _is_set_of_limits(word)
	}
}

test_two_limits_of_one_name_and_key_are_the_same if {
	_is_set_of_limits({_rate, object.union(_rate, {"cost": 1})})
	_is_set_of_limits({_rate, object.union(_rate, {"cost": 2, "key": "another"})})
	every change in [{"amount": 11}, {"per_seconds": 61}, {"burst": 11}, {"cost": 2}, {"kind": "quota"}] {
		not _is_set_of_limits({_rate, object.union(_rate, change)})
		not _is_set_of_limits({_rate, object.union(object.union(_rate, change), {"key": "issuer|agent"})})
	}
}

test_only_what_a_client_sends_by_itself_counts if {
	every kind in ["request", "notification"] { count(_obligations({"direction": "to_server", "kind": kind})) == 1 }
	every message in [
		{"direction": "to_server", "kind": "response"},
		{"direction": "to_client", "kind": "response"},
		{"direction": "to_client", "kind": "request"},
		{"direction": "to_client", "kind": "notification"},
	] {
		_obligations(message) == set()
	}
}

_long(letter, length) := concat("", [letter | some _ in numbers.range(1, length)])

_complete(statement) := result if {
	result := {limit | limit := limits.complete("p", statement)} with input as _caller
}

_is_set_of_limits(word) if {
	limits.is_set_of_limits(word) with input as _caller
}

_obligations(message) := result if {
	result := limits.obligations with data.policies as {"p": {"limit": {_rate}}} with input as object.union(_caller, message)
}

_caller := {"principal": {"id": "issuer|agent"}}
