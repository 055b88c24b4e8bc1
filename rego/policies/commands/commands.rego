# METADATA
# title: Commands
# description: >-
#   A command line runs only where it can be read for certain, plain words and nothing that a shell would interpret, and
#   no word of it is a blocked program. Everything else is refused.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.commands: schema.settings["commands.schema"]
package policies.commands

import data.regate.call

# METADATA
# title: Settings missing
# description: Without its settings this policy cannot tell which tools run commands.
# custom:
#   id: commands/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the commands policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unreadable command
# description: The command is no string, or holds more than plain words.
# custom:
#   id: commands/unreadable_command
deny contains {
	"code": "unreadable_command",
	"message": $"{call.tool} takes one plain command: a program and words without quotes, pipes, redirections or substitutions",
} if {
	some argument in _command_arguments
	not _is_plain(argument)
}

# METADATA
# title: Blocked program
# description: A word of the command is a program that may not run, whatever its place, path or case.
# custom:
#   id: commands/blocked_program
deny contains {
	"code": "blocked_program",
	"message": $"{call.tool} may not run {concat(", ", sort(_blocked_in(argument)))}",
} if {
	some argument in _command_arguments
	_is_plain(argument)
	not _is_harmless(argument)
}

# METADATA
# title: Command arguments
# description: The names of the call's arguments that hold a command line. None for a listing.
_command_arguments contains tool.argument if {
	some tool in data.settings.commands.tools
	call.on_upstream(tool.upstream)
	call.calls(tool.tool)
	is_object(call.arguments)
}

# METADATA
# title: Is plain
# description: The argument begins with a program's name or absolute path; a space and plain words may follow.
_is_plain(argument) if {
	regex.match(`^[A-Za-z0-9_/][A-Za-z0-9_./-]*( [A-Za-z0-9_./=:, -]*)?$`, call.arguments[argument])
}

# METADATA
# title: Is harmless
# description: There is a list of blocked programs, and none of them in the command.
_is_harmless(argument) if {
	count(data.settings.commands.blocked_programs) > 0
	count(_blocked_in(argument)) == 0
}

# METADATA
# title: Blocked in
# description: The blocked programs that the command names.
_blocked_in(argument) := {program |
	some program in data.settings.commands.blocked_programs
	lower(program) in _programs(call.arguments[argument])
}

# METADATA
# title: Programs
# description: >-
#   Every word of the command as a program's name in lower case: without its path, and both with and without what
#   follows a dot or a trailing version, so that `/usr/bin/Python3.11` is `python` too.
_programs(command) := {name |
	some word in regex.find_all_string_submatch_n(`[A-Za-z0-9_./-]+`, command, -1)
	path := split(lower(word[0]), "/")
	file := path[count(path) - 1]
	stem := split(file, ".")[0]
	some name in {file, stem, trim_right(stem, "0123456789-")}
}

# METADATA
# title: Has settings
# description: The tools that run commands are named.
_has_settings if is_array(data.settings.commands.tools)
