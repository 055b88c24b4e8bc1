package policies_test.urls

import data.policies.urls

_settings := {"tools": [{"upstream": "web", "tool": "fetch", "argument": "url"}]}

test_a_public_address_passes if {
	_denied([_url({})], {}) == set()
	_denied([_url({"network": "public", "host": "93.184.215.14"})], {}) == set()
}

test_what_was_not_read_is_unreadable if {
	unreadable := {{"code": "unreadable_url", "message": "fetch takes addresses that everybody reads alike"}}
	every read in [[], [_url({"argument": "/other"})], [_url({"readable": false, "scheme": "file"})]] {
		_denied(read, {}) == unreadable
	}
	urls.deny == unreadable with input as _call("fetch", {}) with data.settings.urls as _settings
}

test_only_listed_schemes_are_used if {
	_denied([_url({"scheme": "http"})], {}) == {{
		"code": "unlisted_scheme",
		"message": "fetch takes addresses with https",
	}}
	_denied([_url({"scheme": "http"})], {"schemes": ["http"]}) == set()
}

test_only_listed_hosts_are_reached_where_some_are_listed if {
	listed := {"hosts": ["Example.com", "*.Example.org"]}
	every host in ["example.com", "api.example.org", "a.b.example.org"] {
		_denied([_url({"host": host})], listed) == set()
	}
	every host in ["api.example.com", "example.org", "evilexample.org", "example.com.evil.net", "*.example.org.", null] {
		_denied([_url({"host": host})], listed) == {{
			"code": "unlisted_host",
			"message": "fetch may not go to this host",
		}}
	}
}

test_no_network_of_its_own_is_reached if {
	every network in ["private", "loopback", "link_local", "metadata", "reserved", null] {
		_denied([_url({"network": network})], {}) == {{
			"code": "blocked_network",
			"message": "fetch may not go to this network",
		}}
	}
	_denied([_url({"network": "private"})], {"networks": ["private"]}) == set()
}

test_only_listed_ports_are_reached if {
	_denied([_url({"port": 8443})], {}) == {{"code": "unlisted_port", "message": "fetch may not go to this port"}}
	_denied([_url({"port": 8443})], {"ports": [8443]}) == set()
}

test_no_credentials_stand_in_an_address if {
	_denied([_url({"has_credentials": true})], {}) == {{
		"code": "credentials_in_url",
		"message": "fetch takes addresses without user and password",
	}}
}

test_each_child_is_looked_at if {
	many := {"tools": [{"upstream": "web", "tool": "fetch", "argument": "urls/*"}]}
	call := _call("fetch", {"urls": ["a", "b"]})
	first := _url({"argument": "/urls/0"})
	urls.deny == set() with input as object.union(call, {"facts": {"url": [first, _url({"argument": "/urls/1"})]}})
		with data.settings.urls as many
	every read in [[first], [first, _url({"argument": "/urls/1", "port": 1})]] {
		denied := urls.deny with input as object.union(call, {"facts": {"url": read}})
			with data.settings.urls as many
		count(denied) == 1
	}
}

test_other_tools_and_listings_are_not_looked_at if {
	urls.deny == set() with input as _call("other", {}) with data.settings.urls as _settings
	urls.deny == set() with input as object.union(_call("fetch", {}), {"listing": true})
		with data.settings.urls as _settings
}

test_without_settings_everything_is_refused if {
	missing := {{"code": "settings_missing", "message": "the settings of the urls policy are missing"}}
	urls.deny == missing with input as _call("other", {}) with data.settings.urls as {}
}

_url(differing) := object.union(
	{
		"argument": "/url",
		"readable": true,
		"scheme": "https",
		"host": "example.com",
		"port": null,
		"path": "/",
		"has_credentials": false,
		"network": "name",
	},
	differing,
)

_denied(read, settings) := result if {
	result := urls.deny with input as object.union(_call("fetch", {"url": "…"}), {"facts": {"url": read}})
		with data.settings.urls as object.union(_settings, settings)
}

_call(tool, arguments) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "web"},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": arguments}},
}
