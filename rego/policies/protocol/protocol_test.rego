package policies_test.protocol

import data.policies.protocol

_settings := {
	"client_methods": ["ping", "tools/list", "subscriptions/listen"],
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

test_a_method_that_nobody_knows_is_allowed_by_name if {
	every kind in ["request", "notification"] {
		not _allowed_as(kind, "to_server", "acme/do", _settings)
		not _allowed_as(kind, "to_client", "acme/do", _settings)
		_allowed_as(kind, "to_server", "acme/do", {"client_methods": ["acme/do"], "server_methods": []})
		not _allowed_as(kind, "to_client", "acme/do", {"client_methods": ["acme/do"], "server_methods": []})
		_allowed_as(kind, "to_client", "acme/do", {"server_methods": [{"method": "acme/do", "upstreams": ["demo"]}]})
		not _allowed_as(kind, "to_client", "acme/do", {"server_methods": [{"method": "acme/do", "upstreams": ["other"]}]})
	}
	not _allowed_as("response", "to_client", "roots/list", _settings)
	not _allowed_as("response", "to_server", "ping", _settings)
}

test_without_settings_nothing_is_allowed if {
	every direction in ["to_server", "to_client"] {
		not protocol.allow with input as _request(direction, "demo", "ping") with data.settings.protocol as {}
	}
}

test_anyone_may_listen_for_changes_of_lists if {
	every notifications in [{}, {"toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": false}] {
		_may_listen(notifications)
	}
}

test_nothing_else_may_be_listened_for if {
	every notifications in [
		{"resourceSubscriptions": []},
		{"toolsListChanged": true, "resourceSubscriptions": ["demo://1"]},
		{"taskIds": ["t"]},
		["toolsListChanged"],
		"toolsListChanged",
		null,
	] {
		not _may_listen(notifications)
	}
	not _allowed("to_server", "demo", "subscriptions/listen")
}

test_listening_needs_its_setting if {
	request := object.union(_request("to_server", "demo", "subscriptions/listen"), _listening({}))
	not protocol.allow with input as request with data.settings.protocol as {"client_methods": ["ping"]}
}

test_input_is_asked_for_by_upstream if {
	_refused("demo", {"roots/list", "sampling/createMessage"}) == set()
	_refused("other", {"roots/list"}) == set()
	_refused("other", {"roots/list", "sampling/createMessage"}) == _input_refused
	_refused("demo", {"elicitation/create"}) == _input_refused
}

test_input_without_a_method_is_refused if {
	every wanted in [{}, null, "roots/list", {"method": null}, {"method": ["roots/list"]}] {
		_denied("to_client", {"result": {"inputRequests": {"a": wanted}}}) == _input_refused
	}
}

test_a_task_asks_for_no_more_than_an_answer if {
	asks := {"a": {"method": "elicitation/create"}}
	_denied("to_client", {"params": {"inputRequests": asks}}) == _input_refused
	_denied("to_server", {"params": {"inputRequests": asks}}) == set()
}

test_an_error_asks_for_no_more_than_an_answer if {
	wanted := {"error": {"code": -32042, "message": "m", "data": {"elicitations": [{"url": "https://example.com"}]}}}
	_denied("to_client", wanted) == _input_refused
	_denied("to_server", wanted) == set()
	_denied("to_client", {"error": {"code": -32000, "message": "m"}}) == set()
}

_input_refused := {{
	"code": "input_refused",
	"message": "this server may not ask the client for that input",
}}

_refused(upstream, methods) := reasons if {
	message := {"result": {"inputRequests": {method: {"method": method} | some method in methods}}}
	reasons := protocol.deny with input as {
		"direction": "to_client",
		"kind": "response",
		"upstream": {"name": upstream},
		"message": message,
	}
		with data.settings.protocol as _settings
}

_denied(direction, message) := reasons if {
	reasons := protocol.deny with input as {
		"direction": direction,
		"kind": "response",
		"upstream": {"name": "demo"},
		"message": message,
	}
		with data.settings.protocol as _settings
}

_may_listen(notifications) if {
	request := object.union(_request("to_server", "demo", "subscriptions/listen"), _listening(notifications))
	protocol.allow with input as request with data.settings.protocol as _settings
}

_listening(notifications) := {"message": {
	"method": "subscriptions/listen",
	"params": {"notifications": notifications},
}}

_allowed(direction, upstream, method) if {
	protocol.allow with input as _request(direction, upstream, method) with data.settings.protocol as _settings
}

_allowed_as(kind, direction, method, settings) if {
	message := object.union(_request(direction, "demo", method), {"kind": kind})
	protocol.allow with input as message with data.settings.protocol as settings
}

_request(direction, upstream, method) := {
	"direction": direction,
	"kind": "request",
	"upstream": {"name": upstream},
	"message": {"method": method},
}
