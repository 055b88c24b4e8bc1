# METADATA
# title: Commands
# description: >-
#   A command line runs only where the gateway could read all of it, and every program in it is known before it runs and is
#   none that is blocked: wherever it stands, behind pipes, substitutions, `sudo` or in the text for another shell. What it
#   opens and the variables that it sets are looked at as well.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.commands: schema.settings["commands.schema"]
package policies.commands

import data.regate.call
import data.regate.facts

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
# description: The command is no string, is empty, or cannot be read for certain; or nothing reads this argument.
# custom:
#   id: commands/unreadable_command
deny contains {
	"code": "unreadable_command",
	"message": $"{call.tool} takes a command line that can be read for certain",
} if {
	some argument in _command_arguments
	not _is_readable(argument)
}

# METADATA
# title: Unknown program
# description: Which program runs would be known only then, as with `$x`, `$(…)` or a pattern.
# custom:
#   id: commands/unknown_program
deny contains {
	"code": "unknown_program",
	"message": $"{call.tool} takes commands whose programs are named in plain text",
} if {
	some command in _commands
	command.program == null
}

# METADATA
# title: Blocked program
# description: A program that may not run, whatever its place, path, version or case, or a word that names one to a program.
# custom:
#   id: commands/blocked_program
deny contains {
	"code": "blocked_program",
	"message": $"{call.tool} may not run {concat(", ", sort(_blocked))}",
} if {
	count(_command_arguments) > 0
	not _is_harmless
}

# METADATA
# title: Unlisted program
# description: Where the programs that may run are listed, it is none of them.
# custom:
#   id: commands/unlisted_program
deny contains {
	"code": "unlisted_program",
	"message": $"{call.tool} may not run {command.program}",
} if {
	some command in _commands
	is_string(command.program)
	not _is_listed(command.path)
}

# METADATA
# title: Blocked option
# description: An option that a program may not be given.
# custom:
#   id: commands/blocked_option
deny contains {
	"code": "blocked_option",
	"message": $"{call.tool} may not run {command.program} with {option}",
} if {
	some command in _commands
	some rule in data.settings.commands.blocked_options
	lower(rule.program) in _names(command.program)
	some option in rule.options
	_has_option(command, option)
}

# METADATA
# title: Blocked variable
# description: A variable that changes what a program loads or runs.
# custom:
#   id: commands/blocked_variable
deny contains {
	"code": "blocked_variable",
	"message": $"{call.tool} may not set {variable}",
} if {
	some command in _commands
	some variable in command.assigns
	variable in data.settings.commands.blocked_variables
}

# METADATA
# title: Writes a file
# description: Output goes to a file that is not listed.
# custom:
#   id: commands/writes_file
deny contains {
	"code": "writes_file",
	"message": $"{call.tool} may not write to files",
} if {
	some command in _commands
	some redirection in command.redirections
	contains(redirection.operator, ">")
	not _is_harmless_target(redirection)
}

# METADATA
# title: Piped into a shell
# description: What another program prints would be run, and nobody has read that.
# custom:
#   id: commands/piped_into_shell
deny contains {
	"code": "piped_into_shell",
	"message": $"{call.tool} may not run what {_source(command)} prints",
} if {
	some command in _commands
	command.input == "pipe"
	is_string(command.program)
	_names(command.program) & _shells != set()
}

# METADATA
# title: Opens a connection
# description: A file that bash makes a connection of, or one that is known only then.
# custom:
#   id: commands/opens_connection
deny contains {
	"code": "opens_connection",
	"message": $"{call.tool} may not open connections",
} if {
	some command in _commands
	some redirection in command.redirections
	contains(redirection.operator, "<")
	not _is_plain_source(redirection)
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
# title: Is readable
# description: All of it was read, and it holds a command.
_is_readable(argument) if {
	entry := facts.shell(argument)
	entry.readable
	count(entry.commands) > 0
}

# METADATA
# title: Commands
# description: Every command in the arguments that hold command lines.
_commands contains command if {
	some argument in _command_arguments
	some command in facts.shell(argument).commands
}

# METADATA
# title: Is harmless
# description: There is a list of blocked programs, and none of them is named.
_is_harmless if {
	count(data.settings.commands.blocked_programs) > 0
	count(_blocked) == 0
}

# METADATA
# title: Blocked
# description: The blocked programs that the commands name.
_blocked contains program if {
	some program in data.settings.commands.blocked_programs
	lower(program) in _named
}

# METADATA
# title: Named
# description: >-
#   Programs that run, and programs that an argument names to another, as `core.pager=/bin/sh` does; not to one of which settings
#   say that it runs nothing, such as `grep`.
# scope: document
_named contains name if {
	some command in _commands
	is_string(command.program)
	some name in _names(command.program)
}

_named contains name if {
	some command in _commands
	not _runs_nothing(command)
	some argument in command.arguments
	is_string(argument)
	not regex.match(`\s`, argument)
	some part in regex.split("[=:,;|&!()`@{}+]", argument)
	part != "."
	some name in _names(part)
}

# METADATA
# title: Runs nothing
# description: Settings say that the program, found by its plain name, runs no other.
_runs_nothing(command) if command.path in data.settings.commands.plain_programs

# METADATA
# title: Names
# description: >-
#   A program's name in lower case, without its path, and both with and without what follows a dot or a trailing version,
#   so that `/usr/bin/Python3.11` is `python` too.
_names(path) := {file, stem, trim_right(stem, "0123456789-")} if {
	parts := split(lower(path), "/")
	file := parts[count(parts) - 1]
	stem := split(file, ".")[0]
}

# METADATA
# title: Is listed
# description: The program is one that may run, by its plain name or by the path that is listed; any, where none is listed.
# scope: document
_is_listed(_) if not _lists_programs

_is_listed(path) if path in data.settings.commands.allowed_programs

_is_listed(":")

# METADATA
# title: Lists programs
# description: The programs that may run are listed.
_lists_programs if is_array(data.settings.commands.allowed_programs)

# METADATA
# title: Has option
# description: As an option, also one of several letters behind one dash or one cut short, or as a word of its own.
# scope: document
_has_option(command, option) if option in command.flags

_has_option(command, option) if option in command.arguments

_has_option(command, option) if {
	some flag in command.flags
	count(flag) > 3
	startswith(flag, "--")
	startswith(option, flag)
}

# METADATA
# title: Is a harmless target
# description: Another descriptor, or a file that is listed.
# scope: document
_is_harmless_target(redirection) if regex.match(`^(&?[0-9]+|-)$`, redirection.target)

_is_harmless_target(redirection) if redirection.target in data.settings.commands.writable_files

# METADATA
# title: Is a plain source
# description: A descriptor or a file, and no connection.
_is_plain_source(redirection) if {
	is_string(redirection.target)
	not regex.match(`^/+dev/+(?:tcp|udp)/`, redirection.target)
}

# METADATA
# title: Source
# description: Whose output it is.
# scope: document
_source(command) := command.piped_from if is_string(command.piped_from)

_source(command) := "another program" if command.piped_from == null

# METADATA
# title: Shells
# description: Programs that run what they read.
_shells := {"sh", "bash", "dash", "zsh", "ksh", "ash", "mksh", "fish", "csh", "tcsh"}

# METADATA
# title: Has settings
# description: The tools that run commands are named.
_has_settings if is_array(data.settings.commands.tools)
