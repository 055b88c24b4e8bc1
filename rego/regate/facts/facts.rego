# METADATA
# title: What was read out of arguments
# description: >-
#   The gateway reads command lines, SQL, addresses and paths where `data.settings.facts` says that an argument holds one.
#   These find what was read of one argument; undefined where nothing was, so that `not facts.shell(name).readable` is true
#   for an argument that nobody read.
# schemas:
#   - input: schema["input.schema"]
package regate.facts

import data.regate.call

# METADATA
# title: Shell
# description: The argument of that name as a command line.
shell(argument) := _one(input.facts.shell, argument)

# METADATA
# title: SQL
# description: The argument of that name as SQL.
sql(argument) := _one(input.facts.sql, argument)

# METADATA
# title: URL
# description: The argument of that name as an address.
url(argument) := _one(input.facts.url, argument)

# METADATA
# title: Path
# description: The argument of that name as the path of a file.
path(argument) := _one(input.facts.path, argument)

# METADATA
# title: One
# description: The entry of an argument, which is named by a JSON Pointer.
_one(entries, argument) := entry if {
	some entry in entries
	entry.argument == _pointer(argument)
}

# METADATA
# title: URLs
# description: All that was read as addresses of an argument; of `name/*`, of its children.
urls(argument) := _several(input.facts.url, argument)

# METADATA
# title: Paths
# description: All that was read as paths of an argument; of `name/*`, of its children.
paths(argument) := _several(input.facts.path, argument)

# METADATA
# title: Several
# description: >-
#   The entry of an argument; of `name/*` those of its children, each of which must have been read, so that what nobody reads is
#   nowhere overlooked. Undefined where one was not.
# scope: document
_several(entries, argument) := [_one(entries, argument)] if not endswith(argument, "/*")

_several(entries, argument) := read if {
	endswith(argument, "/*")
	name := trim_suffix(argument, "/*")
	read := [entry |
		some entry in entries
		startswith(entry.argument, $"{_pointer(name)}/")
	]
	count(read) == count(call.arguments[name])
}

# METADATA
# title: Pointer
# description: The JSON Pointer of an argument.
_pointer(argument) := concat("/", ["", replace(replace(argument, "~", "~0"), "/", "~1")])
