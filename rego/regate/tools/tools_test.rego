package regate.tools_test

import data.regate.tools

_parts := {"description": "sha256:1", "annotations": "sha256:2"}

_pins := {"upstreams": {"shop": {"tools": {"list": _parts}}}}

test_a_tool_with_all_its_parts_is_pinned if {
	_standing(_call("shop", "list", _parts)) == "pinned"
	_changed(_call("shop", "list", _parts)) == set()
}

test_a_tool_with_other_parts_is_changed if {
	changes := {
		{"description"}: {"description": "sha256:9", "annotations": "sha256:2"},
		{"annotations"}: {"description": "sha256:1"},
		{"other"}: {"description": "sha256:1", "annotations": "sha256:2", "other": "sha256:3"},
		{"description", "annotations"}: {},
	}
	every parts, now in changes {
		_standing(_call("shop", "list", now)) == "changed"
		_changed(_call("shop", "list", now)) == parts
	}
}

test_a_tool_that_nobody_looked_at_is_unpinned if {
	_standing(_call("shop", "other", _parts)) == "unpinned"
	_standing(_call("other", "list", _parts)) == "unpinned"
	_standing(object.remove(_call("shop", "other", _parts), ["tool"])) == "unpinned"
}

test_a_pinned_tool_that_was_never_listed_is_changed if {
	never := object.remove(_call("shop", "list", _parts), ["tool"])
	_standing(never) == "changed"
	_changed(never) == {"description", "annotations"}
}

test_another_message_stands_in_no_way if {
	not _standing(object.union(_call("shop", "list", _parts), {"message": {"method": "ping"}}))
}

test_only_a_pinned_hint_counts if {
	hinting := {"tool": {"annotations": {"readOnlyHint": true}}}
	_is_read_only(object.union(_call("shop", "list", _parts), hinting))
	not _is_read_only(_call("shop", "list", _parts))
	not _is_read_only(object.union(_call("shop", "list", {}), hinting))
	not _is_read_only(object.union(_call("shop", "other", _parts), hinting))
}

_call(upstream, tool, parts) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": upstream},
	"message": {"method": "tools/call", "params": {"name": tool}},
	"tool": {"name": tool, "annotations": {}, "digest": "sha256:0", "parts": parts, "suspicions": []},
}

_standing(message) := result if {
	result := tools.standing with input as message with data.settings.pins as _pins
}

_changed(message) := result if {
	result := tools.changed with input as message with data.settings.pins as _pins
}

_is_read_only(message) if {
	tools.is_read_only with input as message with data.settings.pins as _pins
}
