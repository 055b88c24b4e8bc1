package policies_test.protocol

import data.policies.protocol

_settings := {
	"client_methods": ["ping", "tools/list"],
	"server_methods": [
		{"method": "roots/list", "upstreams": ["*"]},
		{"method": "sampling/createMessage", "upstreams": ["demo"]},
		{"method": "elicitation/create", "upstreams": []},
	],
}

test_listed_client_methods_are_allowed if {
	every method in ["ping", "tools/list"] {
		_allowed("to_server", "demo", method)
	}
}

test_other_client_methods_are_not if {
	every method in ["tools/call", "PING", "ping ", "roots/list", "sampling/createMessage", 5, null] {
		not _allowed("to_server", "demo", method)
	}
}

test_server_methods_are_allowed_by_upstream if {
	_allowed("to_client", "demo", "roots/list")
	_allowed("to_client", "demo", "sampling/createMessage")
	not _allowed("to_client", "other", "sampling/createMessage")
	not _allowed("to_client", "demo", "elicitation/create")
	not _allowed("to_client", "demo", "tools/list")
}

test_only_requests_are_allowed if {
	not protocol.allow with input as {
		"direction": "to_client",
		"kind": "notification",
		"upstream": {"name": "demo"},
		"message": {"method": "roots/list"},
	}
		with data.settings.protocol as _settings
}

test_without_settings_nothing_is_allowed if {
	every direction in ["to_server", "to_client"] {
		not protocol.allow with input as _request(direction, "demo", "ping") with data.settings.protocol as {}
	}
}

_allowed(direction, upstream, method) if {
	protocol.allow with input as _request(direction, upstream, method) with data.settings.protocol as _settings
}

_request(direction, upstream, method) := {
	"direction": direction,
	"kind": "request",
	"upstream": {"name": upstream},
	"message": {"method": method},
}
