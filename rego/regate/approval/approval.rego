# METADATA
# title: Approval
# description: Several policies' requirements become one that is never weaker than any of them, or a refusal.
# schemas:
#   - input: schema["input.schema"]
package regate.approval

import data.regate.said

# METADATA
# title: Needed
# description: >-
#   The one requirement that fulfils all: approvers whom every policy accepts, the highest quorum, the shortest wait.
#   Undefined where nothing is required, or where no group serves them all.
needed := {
	"groups": sort(_common_groups),
	"quorum": max({requirement.quorum | some requirement in said.requirements}),
	"ttl_seconds": min({requirement.ttl_seconds | some requirement in said.requirements}),
} if {
	count(_common_groups) > 0
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
# description: The call comes back approved, by as many as the policy that judges it now demands.
granted if {
	input.approval.state == "approved"
	approvers := {approver | some approver in input.approval.approvers}
	count(approvers) >= needed.quorum
}

# METADATA
# title: Conflict
# description: Policies demand approvers who have no group in common, which one requirement cannot express.
conflict if {
	count(said.requirements) > 0
	count(_common_groups) == 0
}

# METADATA
# title: Common groups
# description: The groups that every requirement accepts.
_common_groups := intersection({requirement.groups | some requirement in said.requirements})
