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
