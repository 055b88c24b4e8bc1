# METADATA
# title: What policies say
# description: >-
#   Collects the words that every package below `data.policies` says, and checks their shape. What does not have the
#   shape of its word is a fault, and a fault refuses the message: a slip of an author may cost a call, never a rule.
package regate.said

import data.regate.limits as obligation
import data.regate.terms
import data.regate.tokens

# METADATA
# title: Allowed
# description: Some policy allows the message. Only `true` counts.
allowed if {
	some policy
	data.policies[policy].allow == true
}

# METADATA
# title: Denials
# description: Why policies refuse, each with the name of the policy that says so.
denials contains reason if {
	some policy
	some statement in data.policies[policy].deny
	_is_reason(statement)

	reason := {"policy": policy, "code": statement.code, "message": statement.message}
}

# METADATA
# title: Requirements
# description: Which approvals policies demand, and of whom, each with the name of the policy that says so.
requirements contains requirement if {
	some policy
	some statement in data.policies[policy].require_approval
	_is_requirement(policy, statement)

	requirement := object.union(
		{"policy": policy, "approvers": _approvers(policy, statement)},
		object.filter(statement, ["code", "message", "ttl_seconds", "grant", "wait"]),
	)
}

# METADATA
# title: Scopes
# description: >-
#   Which scopes policies require of the caller's token, each with the broader ones that stand for it, as a set, and with
#   the name of the policy that says so.
scopes contains required if {
	some policy
	some statement in data.policies[policy].require_scope
	_is_required_scope(statement)

	required := {
		"policy": policy,
		"code": statement.code,
		"message": statement.message,
		"scope": statement.scope,
		"implied_by": {broader | some broader in statement.implied_by},
	}
}

# METADATA
# title: Masks
# description: The parts of the message that policies want changed.
masks contains statement if {
	some policy
	some statement in data.policies[policy].mask
	_is_obligation(statement)
}

# METADATA
# title: Restorations
# description: Where tokens in the message give way to their values.
restorations contains tokens.restoration(statement) if {
	some policy
	some statement in data.policies[policy].restore
}

# METADATA
# title: Limits
# description: What the message is to count against, each with all its parts and the name of the policy that says so.
limits contains limit if {
	some policy
	some statement in data.policies[policy].limit
	limit := obligation.complete(policy, statement)
}

# METADATA
# title: Labels
# description: The words that policies attach to the decision.
labels contains statement if {
	some policy
	some statement in data.policies[policy].label
	is_string(statement)
}

# METADATA
# title: Malformed allow
# description: An allow that is no boolean.
# custom:
#   id: regate/policy_malformed/allow
faults contains _fault(policy, "allow", "true or false") if {
	some policy
	word := data.policies[policy].allow
	not is_boolean(word)
}

# METADATA
# title: Malformed deny
# description: A deny that is no set, or an element of it that is no reason.
# custom:
#   id: regate/policy_malformed/deny
faults contains _fault(policy, "deny", "a set of {code, message}") if {
	some policy
	word := data.policies[policy].deny
	not _is_set_of_reasons(word)
}

# METADATA
# title: Malformed requirement
# description: A require_approval that is no set, or an element of it that is no requirement or that nobody can approve.
# custom:
#   id: regate/policy_malformed/require_approval
faults contains _fault(policy, "require_approval", "a set of {groups, quorum, ttl_seconds, code, message}") if {
	some policy
	word := data.policies[policy].require_approval
	not _is_set_of_requirements(policy, word)
}

# METADATA
# title: Malformed approver
# description: An approver that is no set, or an element of it that names no approvers.
# custom:
#   id: regate/policy_malformed/approver
faults contains _fault(policy, "approver", "a set of {groups, quorum}") if {
	some policy
	word := data.policies[policy].approver
	not _is_set_of_approvers(word)
}

# METADATA
# title: Malformed scope
# description: A require_scope that is no set, or an element of it that is no required scope.
# custom:
#   id: regate/policy_malformed/require_scope
faults contains _fault(policy, "require_scope", "a set of {scope, code, message, implied_by}") if {
	some policy
	word := data.policies[policy].require_scope
	not _is_set_of_required_scopes(word)
}

# METADATA
# title: Malformed mask
# description: A mask that is no set, or an element of it that is no obligation.
# custom:
#   id: regate/policy_malformed/mask
faults contains _fault(policy, "mask", "a set of {path, with, match}") if {
	some policy
	word := data.policies[policy].mask
	not _is_set_of_obligations(word)
}

# METADATA
# title: Malformed restoration
# description: A restore that is no set, or an element of it that does not say where.
# custom:
#   id: regate/policy_malformed/restore
faults contains _fault(policy, "restore", "a set of {path, detector, from}") if {
	some policy
	word := data.policies[policy].restore
	not tokens.is_set_of_restorations(word)
}

# METADATA
# title: Malformed limit
# description: A limit that is no set, or an element of it that is no limit or contradicts another.
# custom:
#   id: regate/policy_malformed/limit
faults contains _fault(policy, "limit", "a set of {name, kind, amount, per_seconds, burst, cost, key}") if {
	some policy
	word := data.policies[policy].limit
	not obligation.is_set_of_limits(word)
}

# METADATA
# title: Malformed label
# description: A label that is no set, or an element of it that is no string.
# custom:
#   id: regate/policy_malformed/label
faults contains _fault(policy, "label", "a set of strings") if {
	some policy
	word := data.policies[policy].label
	not _is_set_of_strings(word)
}

# METADATA
# title: Fault
# description: The reason that a malformed word becomes.
_fault(policy, word, shape) := {
	"policy": policy,
	"code": "policy_malformed",
	"message": $"the policy's `{word}` is not {shape}, so nothing it judges may pass",
}

# METADATA
# title: Is a set of reasons
# description: What `deny` has to be.
_is_set_of_reasons(word) if {
	is_set(word)
	every statement in word { _is_reason(statement) }
}

# METADATA
# title: Is a set of requirements
# description: What `require_approval` has to be.
_is_set_of_requirements(policy, word) if {
	is_set(word)
	every statement in word { _is_requirement(policy, statement) }
}

# METADATA
# title: Is a set of approvers
# description: What `approver` has to be.
_is_set_of_approvers(word) if {
	is_set(word)
	every statement in word { terms.are_approvers(statement) }
}

# METADATA
# title: Is a set of required scopes
# description: What `require_scope` has to be.
_is_set_of_required_scopes(word) if {
	is_set(word)
	every statement in word { _is_required_scope(statement) }
}

# METADATA
# title: Is a set of obligations
# description: What `mask` has to be.
_is_set_of_obligations(word) if {
	is_set(word)
	every statement in word { _is_obligation(statement) }
}

# METADATA
# title: Is a set of strings
# description: What `label` has to be.
_is_set_of_strings(word) if {
	is_set(word)
	every statement in word { is_string(statement) }
}

# METADATA
# title: Is a reason
# description: A code for programs and a message for people.
_is_reason(statement) if {
	regex.match(`^[a-z][a-z0-9_]*$`, statement.code)
	is_string(statement.message)
	statement.message != ""
}

# METADATA
# title: Is a requirement
# description: Its shape is one, and somebody can fulfil it.
_is_requirement(policy, statement) if {
	terms.is_requirement(statement)
	_is_reason(statement)
	count(_approvers(policy, statement)) > 0
}

# METADATA
# title: Approvers
# description: Those that the requirement names, else those that its policy does.
# scope: document
_approvers(_, statement) := {terms.approvers(statement)} if statement.groups

_approvers(policy, statement) := {terms.approvers(approver) |
	some approver in data.policies[policy].approver
	terms.are_approvers(approver)
} if {
	not statement.groups
}

# METADATA
# title: Is a required scope
# description: >-
#   A scope and a reason, perhaps with broader scopes, and nothing else: an unknown member could be a misspelt condition.
_is_required_scope(statement) if {
	object.keys(statement) - {"scope", "code", "message", "implied_by"} == set()
	_is_reason(statement)
	_is_scope(statement.scope)
	broader := object.get(statement, "implied_by", [])
	terms.is_collection(broader)
	every scope in broader { _is_scope(scope) }
}

# METADATA
# title: Is a scope
# description: One scope of RFC 6749, section 3.3, of at most 256 characters.
_is_scope(scope) if regex.match(`^[!#-\[\]-~]{1,256}$`, scope)

# METADATA
# title: Is an obligation
# description: A path, a strategy and perhaps a match, and nothing else.
_is_obligation(statement) if {
	object.keys(statement) - {"path", "with", "match"} == set()
	startswith(statement.path, "/")
	_is_strategy(statement["with"])
	_is_narrowing(object.get(statement, "match", {"detector": ""}))
}

# METADATA
# title: Is a strategy
# description: A strategy's name, a literal, or tokens that are kept for so long.
# scope: document
_is_strategy(strategy) if strategy in {"redact", "last4", "hash", "remove", "fake", "tokenize"}

_is_strategy(strategy) if tokens.is_strategy(strategy)

_is_strategy(strategy) if object.keys(strategy) == {"literal"}

# METADATA
# title: Is a narrowing
# description: A detector's name, or an expression.
_is_narrowing(match) if {
	some kind in {"detector", "pattern"}
	object.keys(match) == {kind}
	is_string(match[kind])
}
