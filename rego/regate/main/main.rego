# METADATA
# title: The decision
# description: The one document the gateway asks for, composed of what all policies say.
# schemas:
#   - input: schema["input.schema"]
package regate.main

import data.regate.approval
import data.regate.effect
import data.regate.lists
import data.regate.said

# METADATA
# title: Decision
# description: Matches schemas/decision.schema.json for every input.
# scope: document
decision := _judgement if {
	not input.listing
	effect.effect != "require_approval"
}

decision := object.union(_judgement, {"approval": approval.needed}) if {
	not input.listing
	effect.effect == "require_approval"
}

decision := {
	"effect": "deny",
	"reasons": [{
		"policy": "regate",
		"code": "listing_in_input",
		"message": "only the library asks about listings; a message that claims to be one is refused",
	}],
	"mask": [],
	"labels": [],
} if {
	input.listing
}

# METADATA
# title: Judgement
# description: The members that every decision has.
_judgement := {
	"effect": effect.effect,
	"reasons": sort(effect.reasons),
	"mask": sort(_masks),
	"labels": sort(said.labels),
}

# METADATA
# title: Masks
# description: What policies want masked, and the entries hidden from a list. Nothing is left to mask of what is denied.
# scope: document
_masks contains mask if {
	effect.effect != "deny"
	some mask in said.masks
}

_masks contains mask if {
	effect.effect != "deny"
	some mask in lists.hidden
}
