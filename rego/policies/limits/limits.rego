# METADATA
# title: Limits
# description: How often each principal may call which tools, whatever else they do.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.limits: schema.settings["limits.schema"]
package policies.limits

import data.regate.call

# METADATA
# title: Settings missing
# description: Without its settings this policy does not know what to limit.
# custom:
#   id: limits/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the limits policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Calls
# description: Each principal's calls of the tools that an entry of the settings names.
limit contains object.union({"kind": "rate"}, object.remove(entry, ["upstream", "tools"])) if {
	some entry in data.settings.limits.calls
	call.on_upstream(entry.upstream)
	some tool in entry.tools
	tool in {"*", call.tool}
}

# METADATA
# title: Has settings
# description: It is there what to limit, even if it is nothing.
_has_settings if is_array(data.settings.limits.calls)
