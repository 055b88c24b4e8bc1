# METADATA
# title: URLs
# description: >-
#   A tool fetches only what the gateway could read as an address, by a listed scheme, from a listed host, and from no network
#   that is this machine's, its neighbours' or its cloud's own.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.urls: schema.settings["urls.schema"]
package policies.urls

import data.regate.call
import data.regate.facts

# METADATA
# title: Settings missing
# description: Without its settings this policy cannot tell which tools take addresses.
# custom:
#   id: urls/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the urls policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unreadable URL
# description: It is no string, is no address, or others would read another one in it; or nothing reads this argument.
# custom:
#   id: urls/unreadable_url
deny contains {
	"code": "unreadable_url",
	"message": $"{call.tool} takes addresses that everybody reads alike",
} if {
	some argument in _url_arguments
	not _is_readable(argument)
}

# METADATA
# title: Unlisted scheme
# description: The scheme is none that is listed; only `https` is, where settings do not say.
# custom:
#   id: urls/unlisted_scheme
deny contains {
	"code": "unlisted_scheme",
	"message": $"{call.tool} takes addresses with {concat(", ", sort(_schemes))}",
} if {
	some url in _urls
	not url.scheme in _schemes
}

# METADATA
# title: Unlisted host
# description: Where hosts are listed, it is none of them.
# custom:
#   id: urls/unlisted_host
deny contains {
	"code": "unlisted_host",
	"message": $"{call.tool} may not go to this host",
} if {
	some url in _urls
	not _is_listed(url.host)
}

# METADATA
# title: Blocked network
# description: >-
#   The host is in a network that is not listed: of an address what it is, of a name what its text says. Names and public
#   addresses only, where settings do not say.
# custom:
#   id: urls/blocked_network
deny contains {
	"code": "blocked_network",
	"message": $"{call.tool} may not go to this network",
} if {
	some url in _urls
	not url.network in object.get(data.settings.urls, "networks", ["name", "public"])
}

# METADATA
# title: Unlisted port
# description: A port that is neither its scheme's own nor listed.
# custom:
#   id: urls/unlisted_port
deny contains {
	"code": "unlisted_port",
	"message": $"{call.tool} may not go to this port",
} if {
	some url in _urls
	url.port != null
	not url.port in object.get(data.settings.urls, "ports", [])
}

# METADATA
# title: Credentials in a URL
# description: A user or a password; programs differ in which host they see behind one.
# custom:
#   id: urls/credentials_in_url
deny contains {
	"code": "credentials_in_url",
	"message": $"{call.tool} takes addresses without user and password",
} if {
	some url in _urls
	not url.has_credentials == false
}

# METADATA
# title: URL arguments
# description: The names of the call's arguments that hold addresses. None for a listing.
_url_arguments contains tool.argument if {
	some tool in data.settings.urls.tools
	call.on_upstream(tool.upstream)
	call.calls(tool.tool)
	is_object(call.arguments)
}

# METADATA
# title: Is readable
# description: Something was read of it, and all of that is readable.
_is_readable(argument) if {
	urls := facts.urls(argument)
	count(urls) > 0
	every url in urls { url.readable }
}

# METADATA
# title: URLs
# description: Every address that can be read. What cannot is refused as such.
_urls contains url if {
	some argument in _url_arguments
	some url in facts.urls(argument)
	url.readable
}

# METADATA
# title: Schemes
# description: Those that may be used, without the colon.
_schemes := {scheme | some scheme in object.get(data.settings.urls, "schemes", ["https"])}

# METADATA
# title: Is listed
# description: >-
#   The host is listed by its name, or below a listed `*.`; any is, where none is listed.
# scope: document
_is_listed(_) if not _lists_hosts

_is_listed(host) if {
	some listed in data.settings.urls.hosts
	lower(listed) == host
}

_is_listed(host) if {
	some listed in data.settings.urls.hosts
	startswith(listed, "*.")
	endswith(host, substring(lower(listed), 1, -1))
}

# METADATA
# title: Lists hosts
# description: The hosts that may be reached are listed.
_lists_hosts if is_array(data.settings.urls.hosts)

# METADATA
# title: Has settings
# description: The tools that take addresses are named.
_has_settings if is_array(data.settings.urls.tools)
