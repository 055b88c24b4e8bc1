package regate_test.facts

import data.regate.facts

_facts := {
	"shell": [{"argument": "/command", "readable": true, "commands": []}],
	"sql": [{"argument": "/a~1b", "readable": true, "count": 0, "statements": []}],
	"url": [{
		"argument": "/url",
		"readable": false,
		"scheme": null,
		"host": null,
		"port": null,
		"path": null,
		"has_credentials": false,
		"network": null,
	}],
	"path": [
		{"argument": "/other", "readable": false, "normal": null, "absolute": false, "escapes": true, "ambiguous": true},
		{"argument": "/x~0", "readable": true, "normal": "a", "absolute": false, "escapes": false, "ambiguous": false},
	],
}

test_each_kind_is_found_by_the_name_of_its_argument if {
	facts.shell("command").readable with input.facts as _facts
	facts.sql("a/b").readable with input.facts as _facts
	not facts.url("url").readable with input.facts as _facts
	facts.path("x~").normal == "a" with input.facts as _facts
}

test_what_was_not_read_is_undefined if {
	not facts.shell("other") with input.facts as _facts
	not facts.shell("command") with input.facts as {}
	not facts.sql("command") with input as {}
}

test_the_children_of_an_argument_are_found_together if {
	read := {"url": [_entry("/url"), _entry("/many/0"), _entry("/many/1")], "path": [_entry("/a~1b/x")]}
	facts.urls("url") == [_entry("/url")] with input as _call({"many": ["x", "y"]}, read)
	facts.urls("many/*") == [_entry("/many/0"), _entry("/many/1")] with input as _call({"many": ["x", "y"]}, read)
	facts.paths("a/b/*") == [_entry("/a~1b/x")] with input as _call({"a/b": {"x": "1"}}, read)
}

test_a_child_that_was_not_read_makes_all_undefined if {
	every many in [["x", "y"], "xy", null] {
		not facts.urls("many/*") with input as _call({"many": many}, {"url": [_entry("/many/0")]})
	}
	not facts.urls("many/*") with input as _call({}, {"url": []})
	not facts.urls("many/*") with input as _call({"many": ["x"]}, {})
	not facts.urls("url") with input as _call({"url": "x"}, {"url": []})
}

_entry(argument) := {"argument": argument}

_call(arguments, read) := {
	"direction": "to_server",
	"kind": "request",
	"message": {"method": "tools/call", "params": {"name": "t", "arguments": arguments}},
	"facts": read,
}
