# METADATA
# title: What was read out of arguments
# description: >-
#   The gateway reads command lines, SQL, addresses and paths where `data.settings.facts` says that an argument holds one.
#   These find what was read of one argument; undefined where nothing was, so that `not facts.shell(name).readable` is true
#   for an argument that nobody read.
# schemas:
#   - input: schema["input.schema"]
package regate.facts

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
	entry.argument == concat("/", ["", replace(replace(argument, "~", "~0"), "/", "~1")])
}
