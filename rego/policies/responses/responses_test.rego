package policies_test.responses

import data.policies.responses

_settings := {
	"detectors": {"payment_card": "last4", "email": "redact"},
	"fields": [{"upstream": "shop", "tool": "find", "path": "/result/structuredContent/notes", "with": "remove"}],
}

_email := {"path": "/result/content/0/text", "detector": "email", "count": 2}

_card := {"path": "/result/structuredContent/card", "detector": "payment_card", "count": 1}

_answer := {
	"direction": "to_client",
	"kind": "response",
	"upstream": {"name": "shop"},
	"request": {"method": "tools/call", "params": {"name": "find"}},
	"findings": [],
}

_notes := {"path": "/result/structuredContent/notes", "with": "remove"}

_email_mask := {"path": "/result/content/0/text", "with": "redact", "match": {"detector": "email"}}

_card_mask := {"path": "/result/structuredContent/card", "with": "last4", "match": {"detector": "payment_card"}}

test_findings_and_fields_of_an_answer_are_masked if {
	_said(object.union(_answer, {"findings": [_email, _card]})) == {"deny": set(), "mask": {_notes, _email_mask, _card_mask}}
}

test_findings_are_masked_in_every_message_to_the_client if {
	every kind in ["response", "notification", "request"] {
		message := {"direction": "to_client", "kind": kind, "upstream": {"name": "shop"}, "findings": [_email]}
		_said(message) == {"deny": set(), "mask": {_email_mask}}
	}
}

test_messages_to_the_server_are_not_masked if {
	_said(object.union(_answer, {"direction": "to_server", "findings": [_email]})) == {"deny": set(), "mask": set()}
}

test_other_detectors_mask_nothing if {
	_said(object.union(_answer, {"findings": [object.union(_email, {"detector": "Email"})]})) == {"deny": set(), "mask": {_notes}}
}

test_fields_are_of_one_tool_of_one_upstream if {
	nothing := {"deny": set(), "mask": set()}
	_said(object.union(_answer, {"upstream": {"name": "else"}})) == nothing
	_said(object.union(_answer, {"request": {"params": {"name": "other"}}})) == nothing
	_said(object.union(_answer, {"request": {"method": "prompts/get"}})) == nothing
}

test_what_is_told_of_a_task_is_masked_one_level_deeper if {
	told := object.union(_answer, {"request": {"method": "tasks/get", "params": {"taskId": "t"}}})
	deeper := {"path": "/result/result/structuredContent/notes", "with": "remove"}
	_said(told) == {"deny": set(), "mask": {deeper}}
	_said(object.union(told, {"upstream": {"name": "else"}})) == {"deny": set(), "mask": set()}
}

test_what_a_notification_tells_of_a_task_is_masked if {
	message := {"method": "notifications/tasks", "params": {"taskId": "t"}}
	told := {"direction": "to_client", "kind": "notification", "upstream": {"name": "shop"}, "message": message}
	_said(told).mask == {{"path": "/params/result/structuredContent/notes", "with": "remove"}}
	_said(object.union(told, {"direction": "to_server"})).mask == set()
	_said(object.union(told, {"message": {"method": "notifications/tasks/status"}})).mask == set()
}

test_without_settings_everything_is_refused if {
	missing := {{"code": "settings_missing", "message": "the settings of the responses policy are missing"}}
	every member in ["detectors", "fields"] {
		responses.deny == missing with input as _answer with data.settings.responses as object.remove(_settings, [member])
	}
}

_said(message) := result if {
	result := {"deny": responses.deny, "mask": responses.mask} with input as message
		with data.settings.responses as _settings
}
