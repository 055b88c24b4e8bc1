# METADATA
# title: Tools that only read
# description: >-
#   Which tools change nothing is for settings to say. What a tool says of itself counts for nothing, unless settings pin the
#   very definition in which it says so.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.reading: schema.settings["reading.schema"]
package regate.reading

import data.regate.call

# METADATA
# title: Writes
# description: The request calls a tool that is not known to only read. False for a listing, which nothing is hidden from.
writes if {
	is_object(call.arguments)
	is_string(call.tool)
	not _reads
}

# METADATA
# title: Reads
# description: The called tool is listed, or its definition is the one that is pinned and says `readOnlyHint`.
# scope: document
_reads if {
	some listed in data.settings.reading.tools
	call.on_upstream(listed.upstream)
	call.tool in listed.tools
}

_reads if {
	some pinned in data.settings.reading.pinned
	call.on_upstream(pinned.upstream)
	call.calls(pinned.tool)
	input.tool.name == pinned.tool
	input.tool.digest == pinned.digest
	input.tool.annotations.readOnlyHint == true
}
