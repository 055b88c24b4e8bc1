package regate.tokens_test

import data.regate.tokens

_path := "/params/arguments/**"

test_a_strategy_says_for_how_long if {
	every seconds in [1, 86400, 2592000] { tokens.is_strategy({"tokenize": {"ttl_seconds": seconds}}) }
}

test_a_strategy_of_another_shape_is_none if {
	every strategy in [
		"tokenize",
		{},
		{"tokenize": {}},
		{"tokenize": 60},
		{"tokenize": {"ttl_seconds": 0}},
		{"tokenize": {"ttl_seconds": 1.5}},
		{"tokenize": {"ttl_seconds": "60"}},
		{"tokenize": {"ttl_seconds": 2592001}},
		{"tokenize": {"ttl_seconds": 60, "from": "crm"}},
		{"tokenize": {"ttl_seconds": 60}, "literal": 1},
	] {
		not tokens.is_strategy(strategy)
	}
}

test_a_restoration_has_one_form if {
	tokens.restoration({"path": _path}) == {"path": _path}
	tokens.restoration({"path": _path, "detector": "email", "from": {"crm", "billing"}}) == {
		"path": _path,
		"detector": "email",
		"from": ["billing", "crm"],
	}
}

test_what_is_no_restoration_is_undefined if {
	every statement in [
		{},
		"all",
		{"path": 1},
		{"path": "/params/name"},
		{"path": "/params/arguments"},
		{"path": _path, "detector": ""},
		{"path": _path, "detector": ["email"]},
		{"path": _path, "from": []},
		{"path": _path, "from": "crm"},
		{"path": _path, "from": [""]},
		{"path": _path, "form": ["crm"]},
	] {
		not tokens.restoration(statement)
		not tokens.is_set_of_restorations({statement})
	}
	not tokens.is_set_of_restorations([{"path": _path}])
	not tokens.is_set_of_restorations(true)
}

test_only_requests_to_servers_have_tokens if {
	tokens.restorable with input as {"direction": "to_server", "kind": "request"}
	not tokens.restorable with input as {"direction": "to_client", "kind": "request"}
	not tokens.restorable with input as {"direction": "to_server", "kind": "response"}
}

test_where_values_came_from if {
	tokens.restored_from == set() with input as {}
	tokens.restored_from == {"crm"} with input as {"restored": [{"path": "/params/arguments/to", "upstream": "crm", "count": 1}]}
}
