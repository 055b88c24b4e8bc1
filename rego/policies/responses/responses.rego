# METADATA
# title: Responses
# description: What a server sends is masked where a detector found something, and where settings name a tool's field.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.responses: schema.settings["responses.schema"]
package policies.responses

import data.regate.answer
import data.regate.call
import data.regate.masks

# METADATA
# title: Settings missing
# description: Without its settings this policy does not know what to mask.
# custom:
#   id: responses/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the responses policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Mask findings
# description: Each finding in a message to the client, by the strategy of its detector.
mask contains obligation if {
	input.direction == "to_client"
	some detector, strategy in data.settings.responses.detectors
	some obligation in masks.for_findings(detector, strategy)
}

# METADATA
# title: Mask fields
# description: The fields of a tool's result that nobody gets.
mask contains {"path": field.path, "with": field["with"]} if {
	some field in data.settings.responses.fields
	call.on_upstream(field.upstream)
	field.tool == answer.tool
}

# METADATA
# title: Mask fields of tasks
# description: >-
#   The same fields in what is told of a task (MCP 2026-07-28), one level deeper. Which tool it is of is not known there,
#   so a field of any tool of that server is masked.
# scope: document
mask contains {"path": $"/result{field.path}", "with": field["with"]} if {
	some field in data.settings.responses.fields
	call.on_upstream(field.upstream)
	answer.method == "tasks/get"
}

mask contains {"path": $"/params{field.path}", "with": field["with"]} if {
	some field in data.settings.responses.fields
	call.on_upstream(field.upstream)
	input.direction == "to_client"
	input.message.method == "notifications/tasks"
}

# METADATA
# title: Has settings
# description: Detectors and fields are both there.
_has_settings if {
	is_object(data.settings.responses.detectors)
	is_array(data.settings.responses.fields)
}
