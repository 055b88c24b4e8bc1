package regate.call_test

import data.regate.call

test_tool_and_arguments_of_a_tools_call if {
	said := _read_with({"method": "tools/call", "params": {"name": "echo", "arguments": {"message": "hi"}}})
	said == {"method": "tools/call", "tool": "echo", "arguments": {"message": "hi"}}
}

test_prompt_and_arguments_of_a_prompts_get if {
	said := _read_with({"method": "prompts/get", "params": {"name": "greeting"}})
	said == {"method": "prompts/get", "prompt": "greeting", "arguments": {}}
}

test_prompt_and_resource_of_a_completion if {
	prompt := _read_with({"method": "completion/complete", "params": {"ref": {"type": "ref/prompt", "name": "greeting"}}})
	prompt == {"method": "completion/complete", "prompt": "greeting"}

	resource := _read_with({"method": "completion/complete", "params": {"ref": {"type": "ref/resource", "uri": "demo://{id}"}}})
	resource == {"method": "completion/complete", "resource": "demo://{id}"}
}

test_resource_of_each_method_that_has_one if {
	every method in ["resources/read", "resources/subscribe", "resources/unsubscribe"] {
		_read_with({"method": method, "params": {"uri": "demo://1"}}) == {"method": method, "resource": "demo://1"}
	}
}

test_nothing_is_read_of_a_message_that_is_no_client_request if {
	message := {"method": "tools/call", "params": {"name": "echo", "arguments": {}}}
	_read_as("to_client", "request", message) == {}
	_read_as("to_server", "notification", message) == {}
	_read_as("to_server", "response", message) == {}
}

test_names_that_are_no_strings_are_not_read if {
	every method in ["tools/call", "prompts/get"] {
		_read_with({"method": method, "params": {"name": ["echo"]}}) == {"method": method, "arguments": {}, "malformed": true}
	}
	_read_with({"method": "resources/read", "params": {"uri": 5}}) == {"method": "resources/read"}
}

test_a_name_must_not_be_missing_or_empty if {
	_read_with({"method": "tools/call"}) == {"method": "tools/call", "arguments": {}, "malformed": true}
	_read_with({"method": "tools/call", "params": {"name": ""}}) == {
		"method": "tools/call",
		"tool": "",
		"arguments": {},
		"malformed": true,
	}
}

test_arguments_that_are_no_object_are_malformed_and_read_as_empty if {
	every arguments in ["rm -rf /", ["x"], null, 5, false] {
		said := _read_with({"method": "tools/call", "params": {"name": "echo", "arguments": arguments}})
		said == {"method": "tools/call", "tool": "echo", "arguments": {}, "malformed": true}
	}
}

test_a_listing_has_no_arguments if {
	said := _read_with({"method": "tools/call", "params": {"name": "echo"}}) with input.listing as true
	said == {"method": "tools/call", "tool": "echo"}
}

test_calls_and_on_upstream_compare_exactly if {
	answers := {question |
		some question, answer in {
			"calls echo": call.calls("echo"),
			"on demo": call.on_upstream("demo"),
		}
		answer == true
	} with input as {
		"direction": "to_server",
		"kind": "request",
		"upstream": {"name": "demo"},
		"message": {"method": "tools/call", "params": {"name": "echo"}},
	}
	answers == {"calls echo", "on demo"}
}

test_calls_and_on_upstream_are_false_for_another_name if {
	not call.calls("Echo") with input as {
		"direction": "to_server",
		"kind": "request",
		"message": {"method": "tools/call", "params": {"name": "echo"}},
	}
	not call.on_upstream("demo") with input as {"upstream": {"name": "demo2"}}
}

_read_with(message) := _read_as("to_server", "request", message)

_read_as(direction, kind, message) := said if {
	said := _everything with input.direction as direction
		with input.kind as kind
		with input.message as message
}

_everything := object.union_n([
	{"method": value | value := call.method},
	{"tool": value | value := call.tool},
	{"prompt": value | value := call.prompt},
	{"resource": value | value := call.resource},
	{"arguments": value | value := call.arguments},
	{"malformed": value | value := call.malformed},
])
