# METADATA
# title: Notifications
# description: >-
#   Which notifications need no allow: those of MCP, which only tell of what was asked for or granted otherwise. What an
#   extension's notification does nobody here knows, so a policy has to name it.
# schemas:
#   - input: schema["input.schema"]
package regate.notifications

# METADATA
# title: Known
# description: The message is a notification that MCP defines.
known if {
	input.kind == "notification"
	input.message.method in methods
}

# METADATA
# title: Methods
# description: Every notification of MCP 2024-11-05 to 2026-07-28 and of its tasks extension.
methods := {
	"notifications/initialized",
	"notifications/cancelled",
	"notifications/progress",
	"notifications/message",
	"notifications/roots/list_changed",
	"notifications/tools/list_changed",
	"notifications/prompts/list_changed",
	"notifications/resources/list_changed",
	"notifications/resources/updated",
	"notifications/elicitation/complete",
	"notifications/subscriptions/acknowledged",
	"notifications/tasks",
	"notifications/tasks/status",
}
