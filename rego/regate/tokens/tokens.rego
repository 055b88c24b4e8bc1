# METADATA
# title: Tokens
# description: >-
#   What policies say of tokens: for how long they can be turned back, and where in a request they are. An unknown member
#   could be a misspelt condition, so nothing that has one passes.
# schemas:
#   - input: schema["input.schema"]
package regate.tokens

# METADATA
# title: Is a strategy
# description: Tokens that can be turned back for so long, up to thirty days.
is_strategy(strategy) if {
	object.keys(strategy) == {"tokenize"}
	object.keys(strategy.tokenize) == {"ttl_seconds"}
	seconds := strategy.tokenize.ttl_seconds
	is_number(seconds)
	floor(seconds) == seconds
	seconds >= 1
	seconds <= 2592000
}

# METADATA
# title: Is a set of restorations
# description: What `restore` has to be.
is_set_of_restorations(word) if {
	is_set(word)
	every statement in word { restoration(statement) }
}

# METADATA
# title: Restoration
# description: What an element of `restore` says, in one form however its author wrote it. Undefined for what is none.
restoration(statement) := object.union_n([
	{"path": statement.path},
	{"detector": detector | detector := statement.detector},
	{"from": servers | servers := _sorted(statement.from)},
]) if {
	object.keys(statement) - {"path", "detector", "from"} == set()
	startswith(statement.path, "/params/arguments/")
	_is_name(object.get(statement, "detector", "any"))
	_are_names(object.get(statement, "from", ["any"]))
}

# METADATA
# title: Restorable
# description: Only a request to a server has tokens that can be turned back.
restorable if {
	input.direction == "to_server"
	input.kind == "request"
}

# METADATA
# title: Restored from
# description: The servers whose values took the place of tokens in this message. None while it has its tokens.
restored_from contains place.upstream if some place in input.restored

# METADATA
# title: Are names
# description: An array or a set of 1 to 100 names.
_are_names(names) if {
	_is_collection(names)
	distinct := {name | some name in names}
	count(distinct) > 0
	count(distinct) <= 100
	every name in distinct { _is_name(name) }
}

# METADATA
# title: Is a name
# description: A text that is not empty.
_is_name(value) if {
	is_string(value)
	value != ""
}

# METADATA
# title: Is a collection
# description: An array or a set.
# scope: document
_is_collection(value) if is_array(value)

_is_collection(value) if is_set(value)

# METADATA
# title: Sorted
# description: The members of a collection, each once.
_sorted(collection) := sort({member | some member in collection})
