# METADATA
# title: Approval
# description: Several policies' requirements become one that is never weaker than any of them.
# schemas:
#   - input: schema["input.schema"]
package regate.approval

import data.regate.said

# METADATA
# title: Needed
# description: >-
#   The one requirement that fulfils all: everybody's approvers, the shortest wait, and a yes that is good for no more than
#   any policy lets it be. Undefined where nothing is required.
needed := object.union_n([{"all_of": sort(_approvers), "ttl_seconds": min(_times)}, _grant, _wait]) if {
	count(said.requirements) > 0
}

# METADATA
# title: Outstanding
# description: Some policy requires an approval that the call does not bring.
outstanding if {
	count(said.requirements) > 0
	not granted
}

# METADATA
# title: Granted
# description: >-
#   The call comes back approved. The gateway says so only where those who agreed are enough for what is needed here; who
#   counts for whom is decided there and nowhere else.
granted if {
	input.approval.state == "approved"
	count(input.approval.approvers) > 0
}

# METADATA
# title: Too many
# description: More approvers than one requirement can name.
too_many if count(_approvers) > 10

# METADATA
# title: Times
# description: How long each policy lets the call wait.
_times := {requirement.ttl_seconds | some requirement in said.requirements}

# METADATA
# title: Named
# description: All approvers that policies name.
_named := {approvers |
	some requirement in said.requirements
	some approvers in requirement.approvers
}

# METADATA
# title: Approvers
# description: All of them; of those that differ in nothing but their quorum, the highest.
_approvers := {object.union(body, {"quorum": max(quorums)}) |
	some named in _named
	body := object.remove(named, ["quorum"])
	quorums := {other.quorum |
		some other in _named
		object.remove(other, ["quorum"]) == body
	}
}

# METADATA
# title: Grant
# description: What the yes is good for, where some policy says so.
# scope: document
default _grant := {}

_grant := {"grant": object.union(
	{
		"uses": min({grant.uses | some grant in _grants}),
		"valid_seconds": min({grant.valid_seconds | some grant in _grants}),
	},
	{"class": class | class := _class},
)} if {
	some requirement in said.requirements
	requirement.grant
}

# METADATA
# title: Grants
# description: What each policy lets the yes be good for; one that says nothing of it, one use while it would be waited for.
_grants := {grant |
	some requirement in said.requirements
	grant := object.get(requirement, "grant", {"uses": 1, "valid_seconds": requirement.ttl_seconds})
}

# METADATA
# title: Class
# description: The class of calls that the yes is good for, of which all policies' classes are part.
_class := class if {
	every grant in _grants { grant.class }
	class := concat(" & ", sort({grant.class | some grant in _grants}))
	count(class) <= 200
}

# METADATA
# title: Wait
# description: How the caller waits, where some policy says so.
# scope: document
default _wait := {}

_wait := {"wait": {
	"styles": _styles,
	"hold_seconds": min({wait.hold_seconds | some wait in _waits}),
}} if {
	count(_waits) > 0
}

# METADATA
# title: Waits
# description: What policies say of it, by the order of their names.
_waits := [wait | some [_, _, wait] in sort({[requirement.policy, requirement.code, requirement.wait] |
	some requirement in said.requirements
})]

# METADATA
# title: Styles
# description: The first policy's, of which all others have each; where there is none, the one that any caller can do.
# scope: document
default _styles := ["return"]

_styles := common if {
	common := [style |
		some style in _waits[0].styles
		every wait in _waits { style in wait.styles }
	]
	count(common) > 0
}
