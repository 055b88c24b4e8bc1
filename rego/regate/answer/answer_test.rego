package regate.answer_test

import data.regate.answer

_answer := {
	"direction": "to_client",
	"kind": "response",
	"request": {"method": "tools/call", "params": {"name": "find_customer"}},
	"message": {"result": {}},
}

test_method_and_tool_are_of_the_answered_request if {
	[answer.method, answer.tool] == ["tools/call", "find_customer"] with input as _answer
}

test_only_a_tools_call_has_a_tool if {
	not answer.tool with input as _answer with input.request.method as "prompts/get"
}

test_a_message_that_is_no_answer_has_no_method if {
	not answer.method with input as _answer with input.direction as "to_server"
	not answer.method with input as _answer with input.kind as "notification"
}

test_a_result_without_a_request_is_unsolicited if {
	unasked := object.remove(_answer, ["request"])
	answer.unsolicited with input as unasked
	not answer.unsolicited with input as _answer
	not answer.unsolicited with input as unasked with input.direction as "to_server"
	not answer.unsolicited with input as unasked with input.message as {"error": {"code": -32700, "message": "no"}}
}
