package regate_test.reading

import data.regate.reading

_settings := {
	"tools": [{"upstream": "shop", "tools": ["find"]}],
	"pinned": [{"upstream": "shop", "tool": "count", "digest": "sha256:1"}],
}

test_a_listed_tool_reads if not _writes(_call("shop", "find", null))

test_a_pinned_tool_reads_as_it_says_itself if {
	not _writes(_call("shop", "count", _tool("count", "sha256:1", {"readOnlyHint": true})))
}

test_every_other_tool_writes if {
	every call in [
		_call("bank", "find", null),
		_call("shop", "erase", _tool("erase", "sha256:1", {"readOnlyHint": true})),
		_call("bank", "count", _tool("count", "sha256:1", {"readOnlyHint": true})),
		_call("shop", "count", _tool("count", "sha256:2", {"readOnlyHint": true})),
		_call("shop", "count", _tool("count", "sha256:1", {"readOnlyHint": "true"})),
		_call("shop", "count", _tool("count", "sha256:1", {})),
		_call("shop", "count", _tool("find", "sha256:1", {"readOnlyHint": true})),
		_call("shop", "count", null),
	] {
		_writes(call)
	}
	reading.writes with input as _call("shop", "find", null) with data.settings.reading as {}
}

test_listings_and_other_messages_write_nothing if {
	not _writes(object.union(_call("shop", "erase", null), {"listing": true}))
	not _writes({
		"direction": "to_server",
		"kind": "request",
		"upstream": {"name": "shop"},
		"message": {"method": "prompts/get", "params": {"name": "erase"}},
	})
}

_writes(call) if reading.writes with input as call with data.settings.reading as _settings

_tool(name, digest, annotations) := {"name": name, "digest": digest, "annotations": annotations}

_call(upstream, name, tool) := call if {
	call := object.union(
		{
			"direction": "to_server",
			"kind": "request",
			"upstream": {"name": upstream},
			"message": {"method": "tools/call", "params": {"name": name}},
		},
		{"tool": advertised | advertised := tool; advertised != null},
	)
}
