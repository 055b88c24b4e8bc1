package policies_test.commands

import data.policies.commands

_settings := {
	"tools": [{"upstream": "shop", "tool": "run", "argument": "command"}],
	"blocked_programs": ["rm", "SH", "python", "mkfs"],
	"blocked_options": [{"program": "Git", "options": ["--exec-path", "push"]}],
	"blocked_variables": ["PATH"],
	"writable_files": ["/dev/null"],
}

test_what_was_read_passes if {
	_denied([_run("ls", ["-la", "/var/log"])]) == set()
	_denied([_run("git", ["log", "--oneline"]), _run("grep", ["x"])]) == set()
	_denied([_run(":", [])]) == set()
	_denied([_run("format", ["shell", "rmx"])]) == set()
	_denied([_run("git", ["commit", "-m", "rm the sh"])]) == set()
}

test_what_was_not_read_is_unreadable if {
	every shell in [
		[],
		[{"argument": "/other", "readable": true, "commands": [_run("ls", [])]}],
		[{"argument": "/command", "readable": true, "commands": []}],
		[{"argument": "/command", "readable": false, "commands": [_run("ls", [])]}],
	] {
		_denied_by_facts({"shell": shell}) == {_unreadable}
	}
	_denied_by_facts({}) == {_unreadable}
	commands.deny == {_unreadable} with input as _call("shop", "run", {})
		with data.settings.commands as _settings
}

test_arguments_that_are_no_object_are_unreadable if {
	every arguments in ["ls", ["ls"], null, 5] {
		commands.deny == {_unreadable} with input as _call("shop", "run", arguments)
			with data.settings.commands as _settings
	}
}

test_a_program_that_is_known_only_later_is_unknown if {
	command := object.union(_run("ls", []), {"program": null, "path": null})
	_denied([command]) == {{
		"code": "unknown_program",
		"message": "run takes commands whose programs are named in plain text",
	}}
}

test_a_blocked_program_is_found_in_every_guise if {
	blocked := {
		["rm", []]: "rm",
		["RM", []]: "rm",
		["/bin/rm", []]: "rm",
		["tar", ["--use-compress-program=/bin/sh", "x"]]: "SH",
		["git", ["-c", "core.pager=sh", "log"]]: "SH",
		["watch", ["a,b:rm"]]: "rm",
		["python3", ["x"]]: "python",
		["/usr/bin/python3.11", []]: "python",
		["mkfs.ext4", []]: "mkfs",
		["sh.exe", []]: "SH",
	}
	every words, program in blocked {
		_denied([_run(words[0], words[1])]) == _blocked(program)
	}
	_denied([_run("ls", []), object.union(_run("rm", []), {"via": ["sudo"]})]) == _blocked("rm")
	_denied([object.union(_run("ls", []), {"arguments": [null, "rm"]})]) == _blocked("rm")
}

test_every_blocked_program_is_named if {
	_denied([_run("rm", ["sh"])]) == _blocked("SH, rm")
}

test_a_long_option_that_is_cut_short_is_blocked if {
	_denied([_run("git", ["--exec-p=/tmp"])]) == _blocked_option("--exec-path")
	_denied([_run("git", ["--e"])]) == set()
}

test_no_connection_is_opened if {
	every target in ["/dev/tcp/example.com/80", "//dev//udp/10.0.0.1/53", null] {
		command := object.union(_run("cat", []), {"redirections": [{"operator": "<", "target": target}]})
		_denied([command]) == {{"code": "opens_connection", "message": "run may not open connections"}}
	}
	_denied([object.union(_run("cat", []), {"redirections": [{"operator": "<", "target": "f"}]})]) == set()
}

test_a_word_is_no_program_to_one_that_runs_nothing if {
	plain := object.union(_settings, {"plain_programs": ["grep"]})
	commands.deny == set() with input as _judged({"shell": [_read([_run("grep", ["rm", "."])])]})
		with data.settings.commands as plain
	every path in ["/tmp/grep", "rm"] {
		commands.deny == _blocked("rm") with input as _judged({"shell": [_read([_run(path, ["rm"])])]})
			with data.settings.commands as plain
	}
}

test_only_listed_programs_run_where_some_are_listed if {
	listed := object.union(_settings, {"allowed_programs": ["ls", "/usr/bin/git"]})
	run := [_run("ls", []), _run(":", []), _run("/usr/bin/git", ["log"])]
	commands.deny == set() with input as _judged({"shell": [_read(run)]}) with data.settings.commands as listed
	every path in ["/tmp/ls", "git", "cat"] {
		denied := commands.deny with input as _judged({"shell": [_read([_run(path, [])])]})
			with data.settings.commands as listed
		{reason.code | some reason in denied} == {"unlisted_program"}
	}
}

test_a_blocked_option_is_found if {
	_denied([_run("git", ["--exec-path=/tmp", "log"])]) == _blocked_option("--exec-path")
	_denied([_run("git", ["push", "--force"])]) == _blocked_option("push")
	_denied([_run("hg", ["push"])]) == set()
}

test_a_blocked_variable_is_found if {
	command := object.union(_run("ls", []), {"assigns": ["A", "PATH"]})
	_denied([command]) == {{"code": "blocked_variable", "message": "run may not set PATH"}}
}

test_output_goes_to_listed_files_only if {
	writes := {{"code": "writes_file", "message": "run may not write to files"}}
	every redirection in [
		{"operator": ">", "target": "/etc/passwd"},
		{"operator": ">>", "target": "x"},
		{"operator": "&>", "target": null},
		{"operator": "<>", "target": "/x"},
	] {
		_denied([object.union(_run("ls", []), {"redirections": [redirection]})]) == writes
	}
	every redirection in [
		{"operator": ">", "target": "/dev/null"},
		{"operator": ">&", "target": "1"},
		{"operator": "<", "target": "/etc/hosts"},
	] {
		_denied([object.union(_run("ls", []), {"redirections": [redirection]})]) == set()
	}
}

test_nothing_is_piped_into_a_shell if {
	every source, name in {"curl": "curl", "": "another program"} {
		from := {true: null, false: source}[source == ""]
		command := object.union(_run("bash", []), {"input": "pipe", "piped_from": from})
		_denied([command]) == {{"code": "piped_into_shell", "message": $"run may not run what {name} prints"}}
	}
	_denied([object.union(_run("cat", []), {"input": "pipe", "piped_from": "ls"})]) == set()
	_denied([object.union(_run("bash", ["x"]), {"input": "file"})]) == set()
}

test_other_tools_and_listings_are_not_judged if {
	read := {"shell": [_read([_run("rm", [])])]}
	every call in [_call("shop", "other", {}), _call("else", "run", {})] {
		commands.deny == set() with input as object.union(call, {"facts": read})
			with data.settings.commands as _settings
	}
	commands.deny == set() with input as object.union(_judged(read), {"listing": true})
		with data.settings.commands as _settings
}

test_without_a_list_of_programs_no_command_runs if {
	every broken in [{}, {"blocked_programs": []}, {"blocked_programs": null}] {
		settings := object.union({"tools": _settings.tools}, broken)
		commands.deny == _blocked("") with input as _judged({"shell": [_read([_run("ls", [])])]})
			with data.settings.commands as settings
	}
}

test_without_settings_everything_is_refused if {
	missing := {{"code": "settings_missing", "message": "the settings of the commands policy are missing"}}
	commands.deny == missing with input as _call("shop", "other", {}) with data.settings.commands as {}
	commands.deny == missing with input as _call("shop", "other", {}) with data.settings.commands as {"tools": "run"}
}

_unreadable := {
	"code": "unreadable_command",
	"message": "run takes a command line that can be read for certain",
}

_blocked(programs) := {{"code": "blocked_program", "message": $"run may not run {programs}"}}

_blocked_option(option) := {{"code": "blocked_option", "message": $"run may not run git with {option}"}}

_run(path, arguments) := {
	"program": split(path, "/")[count(split(path, "/")) - 1],
	"path": path,
	"arguments": arguments,
	"flags": [split(word, "=")[0] | some word in arguments; startswith(word, "-")],
	"assigns": [],
	"redirections": [],
	"input": null,
	"piped_from": null,
	"via": [],
	"within": null,
}

_read(commands) := {"argument": "/command", "readable": true, "commands": commands}

_denied(commands) := _denied_by_facts({"shell": [_read(commands)]})

_denied_by_facts(read) := result if {
	result := commands.deny with input as _judged(read) with data.settings.commands as _settings
}

_judged(read) := object.union(_call("shop", "run", {"command": "…"}), {"facts": read})

_call(upstream, tool, arguments) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": upstream},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": arguments}},
}
