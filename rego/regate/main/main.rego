# METADATA
# title: The decision
# description: The one document the gateway asks for, composed of what all policies say.
# schemas:
#   - input: schema["input.schema"]
package regate.main

import data.regate.approval
import data.regate.effect
import data.regate.limits
import data.regate.lists
import data.regate.said
import data.regate.tokens

# METADATA
# title: Decision
# description: Matches schemas/decision.schema.json for every input.
# scope: document
decision := object.union(_judgement, _terms) if not input.listing

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
# title: Terms
# description: The members that only some decisions have.
_terms := {member: value | some [member, value] in _members}

# METADATA
# title: Members
# description: Their names and values. Nothing is counted of what is denied, and nothing put back in it.
# scope: document
_members contains ["approval", approval.needed] if effect.effect == "require_approval"

_members contains ["scopes", sort(effect.step_up)]

_members contains ["restore", sort(said.restorations)] if {
	effect.effect != "deny"
	tokens.restorable
	count(said.restorations) > 0
}

_members contains ["limits", sort(limits.obligations)] if {
	effect.effect != "deny"
	count(limits.obligations) > 0
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
