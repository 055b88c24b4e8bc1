# METADATA
# title: Read only
# description: On some upstreams, and for the members of some groups, only those tools run that are known to change nothing.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.read_only: schema.settings["read_only.schema"]
package policies.read_only

import data.regate.call
import data.regate.principals
import data.regate.reading

# METADATA
# title: Settings missing
# description: Without its settings this policy cannot tell who may only read.
# custom:
#   id: read_only/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the read_only policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Not reading
# description: The tool is not known to only read, and only that is allowed here.
# custom:
#   id: read_only/not_reading
deny contains {
	"code": "not_reading",
	"message": $"{call.tool} is not listed among the tools that only read",
} if {
	_is_read_only
	reading.writes
}

# METADATA
# title: Is read only
# description: For this upstream, all upstreams, or one of the principal's groups.
# scope: document
_is_read_only if {
	some upstream in data.settings.read_only.upstreams
	upstream in {input.upstream.name, "*"}
}

_is_read_only if {
	some group in data.settings.read_only.groups
	principals.in_group(group)
}

# METADATA
# title: Has settings
# description: Upstreams and groups are both there.
_has_settings if {
	is_array(data.settings.read_only.upstreams)
	is_array(data.settings.read_only.groups)
}
