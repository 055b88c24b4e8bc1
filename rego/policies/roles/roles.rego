# METADATA
# title: Roles
# description: What the caller's groups and roles may use, upstream by upstream.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.roles: schema.settings["roles.schema"]
package policies.roles

import data.regate.call
import data.regate.principals

# METADATA
# title: Allow
# description: A grant that the principal holds covers the tool, prompt or resource.
# scope: document
allow if {
	some grant in _grants
	some pattern in grant.tools
	_covers(pattern, call.tool)
}

allow if {
	some grant in _grants
	some pattern in grant.prompts
	_covers(pattern, call.prompt)
}

allow if {
	some grant in _grants
	some pattern in grant.resources
	_covers(pattern, call.resource)
}

# METADATA
# title: Grants
# description: The grants that the principal holds on this upstream.
_grants contains grant if {
	some grant in data.settings.roles.grants
	call.on_upstream(grant.upstream)
	_holds(grant)
}

# METADATA
# title: Holds
# description: One of the principal's groups or roles has the grant.
# scope: document
_holds(grant) if {
	some group in grant.groups
	principals.in_group(group)
}

_holds(grant) if {
	some role in grant.roles
	principals.has_role(role)
}

# METADATA
# title: Covers
# description: >-
#   A name covers itself, `*` covers all, and `prefix/*` covers each plain name right below the prefix: no further slash,
#   no escape and no leading dot, so that no path climbs out of it.
# scope: document
_covers(pattern, name) if pattern == name

_covers("*", _)

_covers(pattern, name) if {
	endswith(pattern, "/*")
	prefix := trim_suffix(pattern, "*")
	startswith(name, prefix)
	regex.match(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`, trim_prefix(name, prefix))
}
