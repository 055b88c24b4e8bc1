# METADATA
# title: Terms of an approval
# description: >-
#   What a policy may say of who approves, how the caller waits and what the yes is good for, within the bounds of the
#   decision's schema. An unknown member could be a misspelt condition, so nothing that has one passes.
package regate.terms

# METADATA
# title: Is a requirement
# description: Why, how long it may be waited for, and perhaps who approves, what the yes is good for, and how to wait.
is_requirement(statement) if {
	members := object.keys(statement)
	{"code", "message", "ttl_seconds"} - members == set()
	members - {"code", "message", "ttl_seconds", "groups", "quorum", "escalate", "break_glass", "grant", "wait"} == set()
	_is_whole_number(statement.ttl_seconds, 604800)
	_names_approvers_or_none(statement)
	_is_grant(object.get(statement, "grant", {"uses": 1, "valid_seconds": 1}))
	_is_wait(object.get(statement, "wait", {"styles": ["return"], "hold_seconds": 1}))
}

# METADATA
# title: Are approvers
# description: Some of the humans who must agree.
are_approvers(statement) if {
	members := object.keys(statement)
	{"groups", "quorum"} - members == set()
	members - {"groups", "quorum", "escalate", "break_glass"} == set()
	_are_groups(statement.groups)
	_is_whole_number(statement.quorum, 10)
	_is_escalation(object.get(statement, "escalate", {"after_seconds": 1, "groups": ["none"]}))
	_are_groups(object.get(statement, "break_glass", ["none"]))
}

# METADATA
# title: Approvers
# description: Those that a statement names, in one form however its author wrote it.
approvers(statement) := object.union_n([
	{"groups": _sorted(statement.groups), "quorum": statement.quorum},
	{"escalate": escalation |
		escalation := {
			"after_seconds": statement.escalate.after_seconds,
			"groups": _sorted(statement.escalate.groups),
		}
	},
	{"break_glass": groups | groups := _sorted(statement.break_glass)},
])

# METADATA
# title: Names approvers or none
# description: A requirement that names no groups takes those of its policy, and then says nothing else of them.
# scope: document
_names_approvers_or_none(statement) if {
	are_approvers(object.remove(statement, ["code", "message", "ttl_seconds", "grant", "wait"]))
}

_names_approvers_or_none(statement) if {
	object.keys(statement) & {"groups", "quorum", "escalate", "break_glass"} == set()
}

# METADATA
# title: Is a grant
# description: How often and how long the yes may be used, and perhaps for which class of calls.
_is_grant(grant) if {
	members := object.keys(grant)
	{"uses", "valid_seconds"} - members == set()
	members - {"uses", "valid_seconds", "class"} == set()
	_is_whole_number(grant.uses, 10000)
	_is_whole_number(grant.valid_seconds, 604800)
	_is_name(object.get(grant, "class", "none"))
}

# METADATA
# title: Is a wait
# description: How the caller is to wait, the best way first, and how long its request is held open.
_is_wait(wait) if {
	object.keys(wait) == {"styles", "hold_seconds"}
	is_array(wait.styles)
	styles := {style | some style in wait.styles}
	count(styles) > 0
	count(styles) == count(wait.styles)
	styles - {"hold", "return", "input_required", "task", "url_elicitation"} == set()
	_is_whole_number(wait.hold_seconds, 3600)
}

# METADATA
# title: Is an escalation
# description: When which other groups count as well.
_is_escalation(escalate) if {
	object.keys(escalate) == {"after_seconds", "groups"}
	_is_whole_number(escalate.after_seconds, 604800)
	_are_groups(escalate.groups)
}

# METADATA
# title: Are groups
# description: An array or a set of names.
_are_groups(groups) if {
	is_collection(groups)
	count(groups) > 0
	count(groups) <= 50
	every group in groups { _is_name(group) }
}

# METADATA
# title: Is a name
# description: A text that is neither empty nor endless.
_is_name(value) if {
	is_string(value)
	value != ""
	count(value) <= 200
}

# METADATA
# title: Sorted
# description: The members of a collection, each once.
_sorted(collection) := sort({member | some member in collection})

# METADATA
# title: Is a collection
# description: An array or a set.
# scope: document
is_collection(value) if is_array(value)

is_collection(value) if is_set(value)

# METADATA
# title: Is a whole number
# description: An integer from 1 to the bound.
_is_whole_number(value, most) if {
	is_number(value)
	floor(value) == value
	value >= 1
	value <= most
}
