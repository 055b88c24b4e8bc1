# METADATA
# title: Tools as they were looked at
# description: >-
#   How a tool that is called stands to what `data.settings.pins` says of it: what a server says of its tools is worth
#   something only where somebody looked at it and it is the same since.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.pins: schema.settings["pins.schema"]
package regate.tools

import data.regate.call

# METADATA
# title: Standing
# description: >-
#   Of the tool that a call names: `pinned` where all parts of its definition are as they were looked at, `changed` where some
#   are not or it was never listed, `unpinned` where nobody did.
# scope: document
standing := "pinned" if _is_as_pinned

standing := "changed" if {
	_pin
	not _is_as_pinned
}

standing := "unpinned" if {
	call.tool
	not _pin
}

# METADATA
# title: Changed
# description: The parts of a changed tool that are not as they were looked at.
changed contains part if {
	standing == "changed"
	some part in object.keys(object.union(_pin, _parts))
	object.get(_pin, part, "") != object.get(_parts, part, "")
}

# METADATA
# title: Is read-only
# description: The tool says that it changes nothing, and somebody looked at that.
is_read_only if {
	standing == "pinned"
	input.tool.annotations.readOnlyHint == true
}

# METADATA
# title: Pin
# description: The parts of the called tool as they were looked at.
_pin := data.settings.pins.upstreams[input.upstream.name].tools[call.tool]

# METADATA
# title: Parts
# description: Those that the tool has now.
# scope: document
default _parts := {}

_parts := input.tool.parts

# METADATA
# title: Is as pinned
# description: All parts are as they were looked at.
_is_as_pinned if _pin == input.tool.parts
