# METADATA
# title: A role's tools
# description: Allows a call of a tool that one of the principal's roles may call.
package bench.role

default decision := {"effect": "deny", "reasons": [], "mask": [], "labels": []}

# METADATA
# description: The tool is on the list of a role.
decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []} if {
	input.message.method == "tools/call"
	some role in input.principal.roles
	input.message.params.name in data.roles[role]
}
