# METADATA
# title: Pins
# description: >-
#   A tool that somebody looked at must not become another one unnoticed. What becomes of calls of tools that nobody looked at,
#   that changed since, or that look as if they were there to mislead is for settings to say.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.pins: schema.settings["pins.schema"]
package policies.pins

import data.regate.answer
import data.regate.call
import data.regate.tools

# METADATA
# title: Settings missing
# description: Without its settings this policy knows no pins.
# custom:
#   id: pins/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the pins policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unpinned tool
# description: Nobody looked at this tool, or it was never listed.
# custom:
#   id: pins/unpinned_tool
deny contains _unpinned if _outcome("unpinned") == "deny"

# METADATA
# title: Changed tool
# description: The tool is not what somebody looked at, or was never listed.
# custom:
#   id: pins/changed_tool
deny contains _changed if _outcome("changed") == "deny"

# METADATA
# title: Suspicious tool
# description: The tool looks as if it were there to mislead.
# custom:
#   id: pins/suspicious_tool
deny contains _suspicious if _outcome("suspicious") == "deny"

# METADATA
# title: Unpinned tool, held
# description: Somebody is to look at the tool.
# custom:
#   id: pins/unpinned_tool_held
require_approval contains object.union(data.settings.pins.approval, _unpinned) if _outcome("unpinned") == "hold"

# METADATA
# title: Changed tool, held
# description: Somebody is to look at what changed.
# custom:
#   id: pins/changed_tool_held
require_approval contains object.union(data.settings.pins.approval, _changed) if _outcome("changed") == "hold"

# METADATA
# title: Suspicious tool, held
# description: Somebody is to look at what is suspicious.
# custom:
#   id: pins/suspicious_tool_held
require_approval contains object.union(data.settings.pins.approval, _suspicious) if _outcome("suspicious") == "hold"

# METADATA
# title: Instructions
# description: A server's instructions that are not what somebody looked at do not reach the model.
# scope: document
mask contains {"path": "/result/instructions", "with": "remove"} if {
	_rule("changed") != "allow"
	input.server.parts.instructions
	_pinned_server.instructions != input.server.parts.instructions
}

mask contains {"path": "/result/instructions", "with": "remove"} if {
	_rule("changed") != "allow"
	input.server.parts.instructions
	_pinned_server
	not _pinned_server.instructions
}

# METADATA
# title: Label
# description: The audit says it whatever becomes of it.
# scope: document
label contains "changed_tool" if tools.standing == "changed"

label contains "suspicious_tool" if _is_suspicious

label contains "changed_server" if {
	_pinned_server
	_pinned_server != input.server.parts
}

label contains "suspicious_server" if count(input.server.suspicions) > 0

# METADATA
# title: Unpinned
# description: What is said of a tool without a pin.
_unpinned := {"code": "unpinned_tool", "message": $"nobody looked at {call.tool} of {input.upstream.name} yet"}

# METADATA
# title: Changed
# description: What is said of a tool that is not as it is pinned.
_changed := {
	"code": "changed_tool",
	"message": $"{call.tool} of {input.upstream.name} changed since somebody looked at it: {concat(", ", sort(tools.changed))}",
}

# METADATA
# title: Suspicious
# description: What is said of a tool with suspicions.
_suspicious := {
	"code": "suspicious_tool",
	"message": $"{call.tool} of {input.upstream.name} looks suspicious: {concat(", ", sort(input.tool.suspicions))}",
}

# METADATA
# title: Outcome
# description: What becomes of a call for that reason; what would be held by nobody is denied.
# scope: document
_outcome(reason) := "deny" if {
	_applies(reason)
	_rule(reason) == "deny"
}

_outcome(reason) := "deny" if {
	_applies(reason)
	_rule(reason) == "hold"
	not data.settings.pins.approval
}

_outcome(reason) := "hold" if {
	_applies(reason)
	_rule(reason) == "hold"
	data.settings.pins.approval
}

# METADATA
# title: Applies
# description: Whether there is that reason.
# scope: document
_applies("unpinned") if tools.standing == "unpinned"

_applies("changed") if tools.standing == "changed"

_applies("suspicious") if _is_suspicious

# METADATA
# title: Is suspicious
# description: The tool that is called has suspicions, and nobody looked at it as it is.
_is_suspicious if {
	call.tool == input.tool.name
	count(input.tool.suspicions) > 0
	tools.standing != "pinned"
}

# METADATA
# title: Rule
# description: What settings say for a reason, the upstream's own before those for all.
# scope: document
_rule(reason) := data.settings.pins.upstreams[input.upstream.name][reason]

_rule(reason) := data.settings.pins[reason] if {
	not data.settings.pins.upstreams[input.upstream.name][reason]
}

# METADATA
# title: Pinned server
# description: What somebody looked at of what the server says of itself.
_pinned_server := data.settings.pins.upstreams[input.upstream.name].server if {
	answer.method in {"initialize", "server/discover"}
}

# METADATA
# title: Has settings
# description: It is said what becomes of each.
_has_settings if {
	every reason in ["unpinned", "changed", "suspicious"] {
		data.settings.pins[reason] in {"allow", "hold", "deny"}
	}
	is_object(data.settings.pins.upstreams)
}
