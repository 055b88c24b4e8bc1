# METADATA
# title: Effect
# description: >-
#   What becomes of a message, and why. Deny beats a missing scope, a missing scope beats approval, approval beats allow,
#   nothing said is deny. Requests must be allowed; responses and the notifications of MCP pass unless denied.
# schemas:
#   - input: schema["input.schema"]
package regate.effect

import data.regate.answer
import data.regate.approval
import data.regate.call
import data.regate.lists
import data.regate.notifications
import data.regate.said
import data.regate.scopes

# METADATA
# title: Effect
# description: Deny, unless nothing denies and the message may pass.
# scope: document
default effect := "deny"

effect := "allow" if {
	_passes
	not approval.outstanding
}

effect := "require_approval" if {
	_passes
	approval.outstanding
}

# METADATA
# title: Refused
# description: Why the message is refused.
# scope: document
reasons contains denial if some denial in _denials

reasons contains {"policy": "regate", "code": "not_allowed", "message": _nobody_allows} if {
	count(_denials) == 0
	not _permitted
}

# METADATA
# title: Scopes missing
# description: Which scopes the caller's token lacks, where nothing else is in the way.
reasons contains reason if {
	_lacks_scopes
	some reason in scopes.missing
}

# METADATA
# title: Held
# description: Why a human must approve.
reasons contains reason if {
	effect == "require_approval"
	some requirement in said.requirements

	reason := {"policy": requirement.policy, "code": requirement.code, "message": requirement.message}
}

# METADATA
# title: Approved
# description: Which approval the call passes on.
reasons contains reason if {
	effect == "allow"
	some requirement in said.requirements

	reason := {
		"policy": requirement.policy,
		"code": requirement.code,
		"message": $"{requirement.message} (approved: {input.approval.id})",
	}
}

# METADATA
# title: Step-up
# description: >-
#   All scopes that a message to a server takes, where nothing but some of them keeps it from passing or from waiting for
#   a human: with them the client can send it again. What a server sends it cannot.
step_up := scopes.required if {
	_lacks_scopes
	input.direction == "to_server"
}

# METADATA
# title: Passes
# description: Nothing is in its way.
_passes if {
	_acceptable
	count(scopes.missing) == 0
}

# METADATA
# title: Lacks scopes
# description: Nothing but scopes is missing.
_lacks_scopes if {
	_acceptable
	count(scopes.missing) > 0
}

# METADATA
# title: Acceptable
# description: Nothing denies it and something permits it, whatever the token's scopes.
_acceptable if {
	count(_denials) == 0
	_permitted
}

# METADATA
# title: Permitted
# description: A policy allows it, or it is of a kind that needs no allow.
# scope: document
_permitted if said.allowed

_permitted if input.kind == "response"

_permitted if notifications.known

# METADATA
# title: Denied by a policy
# description: What policies say in `deny`.
_denials contains denial if some denial in said.denials

# METADATA
# title: Denied by a fault
# description: What policies say in no shape that can be carried out.
_denials contains fault if some fault in said.faults

# METADATA
# title: Too many approvers
# description: No one requirement can name them all.
# custom:
#   id: regate/too_many_approvers
_denials contains {
	"policy": "regate",
	"code": "too_many_approvers",
	"message": "policies demand more than 10 different approvals of one call",
} if {
	approval.too_many
}

# METADATA
# title: Malformed call
# description: The call cannot be read for certain.
# custom:
#   id: regate/malformed_call
_denials contains {
	"policy": "regate",
	"code": "malformed_call",
	"message": "the call's name is not a word or its arguments are not an object",
} if {
	call.malformed
}

# METADATA
# title: Malformed list
# description: The list cannot be filtered.
# custom:
#   id: regate/malformed_list
_denials contains {
	"policy": "regate",
	"code": "malformed_list",
	"message": "the server's list is not an array, so it cannot be filtered",
} if {
	lists.malformed
}

# METADATA
# title: Unsolicited answer
# description: The result answers nothing that was asked.
# custom:
#   id: regate/unsolicited_answer
_denials contains {
	"policy": "regate",
	"code": "unsolicited_answer",
	"message": "the result answers no request that the gateway knows",
} if {
	answer.unsolicited
}

# METADATA
# title: Nobody allows
# description: The default refusal in words, naming what was asked.
_nobody_allows := $"no policy allows this {_method}{_object} on {input.upstream.name}"

# METADATA
# title: Method in words
# description: The request's method, cut to a length fit for an audit.
# scope: document
default _method := "request"

_method := _brief(input.message.method)

# METADATA
# title: Object in words
# description: The tool, prompt or resource that was asked for.
# scope: document
default _object := ""

_object := $" of {_brief(call.tool)}" if call.tool

_object := $" of {_brief(call.prompt)}" if call.prompt

_object := $" of {_brief(call.resource)}" if call.resource

# METADATA
# title: Brief
# description: At most 100 characters of a caller's text.
_brief(text) := substring(text, 0, 100)
