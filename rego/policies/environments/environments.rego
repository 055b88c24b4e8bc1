# METADATA
# title: Environments
# description: >-
#   Who may call tools that are not known to only read, by the environment that an upstream's label says: this group in staging,
#   that one in production, and there perhaps not without an approval.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.environments: schema.settings["environments.schema"]
package policies.environments

import data.regate.call
import data.regate.principals
import data.regate.reading

# METADATA
# title: Settings missing
# description: Without its settings this policy knows neither the label nor the environments.
# custom:
#   id: environments/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the environments policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unknown environment
# description: There are environments, and this upstream's label names none of them or is missing.
# custom:
#   id: environments/unknown_environment
deny contains {
	"code": "unknown_environment",
	"message": $"of {input.upstream.name} it is not known in which environment it is",
} if {
	_is_judged
	count(_environments) == 0
}

# METADATA
# title: Not in this environment
# description: None of the principal's groups may change anything in this environment.
# custom:
#   id: environments/not_in_environment
deny contains {
	"code": "not_in_environment",
	"message": $"{call.tool} in {environment.name} is not for the principal's groups",
} if {
	_is_judged
	some environment in _environments
	not _is_member(environment)
}

# METADATA
# title: Approval in this environment
# description: What may change something in this environment needs a human.
# custom:
#   id: environments/environment_approval
require_approval contains object.union(environment.approval, {
	"code": "environment_approval",
	"message": $"{call.tool} in {environment.name} needs a human",
}) if {
	_is_judged
	some environment in _environments
	environment.approval
}

# METADATA
# title: Is judged
# description: Environments are set up, and the call may change something.
_is_judged if {
	count(data.settings.environments.environments) > 0
	reading.writes
}

# METADATA
# title: Environments
# description: Those that the upstream's label names.
_environments contains environment if {
	some environment in data.settings.environments.environments
	input.upstream.labels[data.settings.environments.label] == environment.name
}

# METADATA
# title: Is a member
# description: One of the principal's groups may change something there.
_is_member(environment) if {
	some group in environment.groups
	principals.in_group(group)
}

# METADATA
# title: Has settings
# description: The label and the environments are there.
_has_settings if {
	is_string(data.settings.environments.label)
	is_array(data.settings.environments.environments)
}
