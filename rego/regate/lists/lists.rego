# METADATA
# title: Lists
# description: >-
#   An entry of a server's list that the same principal could never use is hidden. Whether it could is asked of the same
#   rules that judge the real call, so what is listed and what may be called cannot drift apart.
# schemas:
#   - input: schema["input.schema"]
package regate.lists

import data.regate.answer
import data.regate.effect

# METADATA
# title: Hidden
# description: >-
#   A mask for each entry that is no use to the principal; paths speak of the list as the server sent it. And a mask that
#   makes a list which any cache may share, "public", this principal's own, "private" (MCP 2026-07-28, caching): another
#   principal's is another list, even if of this one nothing had to be removed.
# scope: document
hidden contains {"path": $"/result/{_use.list}/{index}", "with": "remove"} if {
	some index, entry in _entries
	not _usable(index, entry)
}

hidden contains {"path": "/result/cacheScope", "with": {"literal": "private"}} if {
	answer.method in _listing_methods
	input.message.result.cacheScope == "public"
}

# METADATA
# title: Listing methods
# description: Methods whose answers are lists of what a server offers.
_listing_methods := {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}

# METADATA
# title: Malformed list
# description: What should be the list is no array.
malformed if {
	entries := _entries
	not is_array(entries)
}

# METADATA
# title: Entries
# description: The list that the response carries. Each is named in full, so that no other result has to be read.
# scope: document
_entries := input.message.result.tools if answer.method == "tools/list"

_entries := input.message.result.prompts if answer.method == "prompts/list"

_entries := input.message.result.resources if answer.method == "resources/list"

# METADATA
# title: Use
# description: How an entry of the list is used, by the method that lists it.
_use := {
	"tools/list": {"list": "tools", "method": "tools/call", "by": "name"},
	"prompts/list": {"list": "prompts", "method": "prompts/get", "by": "name"},
	"resources/list": {"list": "resources", "method": "resources/read", "by": "uri"},
}[answer.method]

# METADATA
# title: Usable
# description: Some call of the entry would pass, perhaps after an approval.
_usable(index, entry) if {
	is_string(entry[_use.by])
	message := {"method": _use.method, "params": {_use.by: entry[_use.by]}}
	_effect_of(message, _advertised(index, entry)) in {"allow", "require_approval"}
}

# METADATA
# title: Effect of a message
# description: >-
#   What would become of a request of this principal. Each override is named, because an overridden `input` as a whole
#   would make the policy depend on all of it. Findings and the answered request belong to the list, not to the call.
_effect_of(message, tool) := answered if {
	answered := effect.effect with input.direction as "to_server"
		with input.kind as "request"
		with input.message as message
		with input.tool as tool
		with input.request as null
		with input.findings as []
		with input.listing as true
}

# METADATA
# title: Advertised
# description: What the entry says of itself, and what the gateway knows of it, as `input.tool` would say it.
# scope: document
_advertised(index, entry) := object.union(_said_by(entry), input.listed[index])

_advertised(index, entry) := _said_by(entry) if not input.listed[index]

# METADATA
# title: Said by the entry
# description: What the entry says of itself.
_said_by(entry) := {
	"name": entry[_use.by],
	"annotations": object.get(entry, "annotations", {}),
}
