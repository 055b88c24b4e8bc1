# METADATA
# title: Limits
# description: >-
#   What a policy's `limit` has to be, and what becomes of the parts that it leaves out. The gateway counts; policy says
#   what and how much.
# schemas:
#   - input: schema["input.schema"]
package regate.limits

import data.regate.said

# METADATA
# title: Obligations
# description: >-
#   What the message counts against, if it passes: only what a client sends of its own accord counts, and it counts once,
#   on its way to the server.
obligations contains limit if {
	input.direction == "to_server"
	input.kind in {"request", "notification"}
	some limit in said.limits
}

# METADATA
# title: Complete
# description: >-
#   A limit with all its parts, as the decision has it. Undefined for what is none, by the bounds of the decision's schema;
#   an unknown member could be a misspelt one, so it does not pass.
complete(policy, statement) := limit if {
	object.keys(statement) - {"name", "kind", "amount", "per_seconds", "burst", "cost", "key"} == set()
	limit := {
		"policy": policy,
		"name": statement.name,
		"kind": statement.kind,
		"amount": statement.amount,
		"per_seconds": statement.per_seconds,
		"burst": object.get(statement, "burst", statement.amount),
		"cost": object.get(statement, "cost", 1),
		"key": _key(statement),
	}
	regex.match(`^[a-z][a-z0-9_]{0,62}$`, limit.name)
	_is_positive(limit.amount)
	_is_period(limit.per_seconds)
	_is_burst(limit)
	_is_cost(limit.cost)
	_is_key(limit.key)
}

# METADATA
# title: Is a set of limits
# description: >-
#   What `limit` has to be. No two of one name and key may differ in anything else, for one count cannot be held to two
#   terms.
is_set_of_limits(word) if {
	is_set(word)
	every statement in word { complete("", statement) }
	limits := {complete("", statement) | some statement in word}
	count({[limit.name, limit.key] | some limit in limits}) == count(limits)
}

# METADATA
# title: Key
# description: Who shares the limit, unless it says so the principal alone.
# scope: document
_key(statement) := statement.key

_key(statement) := input.principal.id if not "key" in object.keys(statement)

# METADATA
# title: Is positive
# description: A number above zero, as far as amounts go.
_is_positive(amount) if {
	is_number(amount)
	amount > 0
	amount <= 1000000000
}

# METADATA
# title: Is a period
# description: Whole seconds, at most those of a leap year.
_is_period(seconds) if {
	is_number(seconds)
	floor(seconds) == seconds
	seconds >= 1
	seconds <= 31622400
}

# METADATA
# title: Is a burst
# description: What a bucket holds. A quota has no bucket, so it has no burst of its own.
# scope: document
_is_burst(limit) if {
	limit.kind == "rate"
	_is_positive(limit.burst)
}

_is_burst(limit) if {
	limit.kind == "quota"
	limit.burst == limit.amount
}

# METADATA
# title: Is a cost
# description: A number from zero on. It may come from the message, where it could be anything.
_is_cost(cost) if {
	is_number(cost)
	cost >= 0
	cost <= 1000000000
}

# METADATA
# title: Is a key
# description: A text that is not empty.
_is_key(key) if {
	is_string(key)
	key != ""
	count(key) <= 4096
}
