package policies_test.commands

import data.policies.commands

_settings := {
	"tools": [{"upstream": "shop", "tool": "run", "argument": "command"}],
	"blocked_programs": ["rm", "SH", "python", "mkfs"],
}

test_plain_commands_pass if {
	every command in [
		"ls",
		"ls -la /var/log",
		"/usr/bin/git log --oneline main..next",
		"systemctl status payments.service",
		"kubectl get pods -n a,b --selector=app:web",
		"warm start",
		"ls ",
		"format shell rmx",
	] {
		_denied({"command": command}) == set()
	}
}

test_a_command_that_is_not_plain_is_unreadable if {
	every command in [
		"",
		" ",
		" ls",
		"ls\n",
		"ls\nrm x",
		"ls\trm",
		"ls; rm x",
		"ls | sh",
		"ls && rm x",
		"ls > /etc/passwd",
		"echo $(rm x)",
		"echo `rm x`",
		"echo $HOME",
		"r\\m x",
		"r'm' x",
		"\"rm\" x",
		"r{m,} x",
		"r? x",
		"ls ~",
		"ls\u00a0x",
		"ｒｍ x",
		"r\u200bm x",
		"PATH=/tmp ls",
		"-rf /",
		"./run",
		"../../bin/rm x",
		". run",
	] {
		_denied({"command": command}) == {_unreadable}
	}
}

test_a_command_that_is_no_string_is_unreadable if {
	every command in [null, true, 5, ["ls"], {"program": "ls"}] {
		_denied({"command": command}) == {_unreadable}
	}
	_denied({}) == {_unreadable}
	_denied({"Command": "ls"}) == {_unreadable}
}

test_arguments_that_are_no_object_are_unreadable if {
	every arguments in ["ls", ["ls"], null, 5] {
		_denied(arguments) == {_unreadable}
	}
	bare := {
		"direction": "to_server",
		"kind": "request",
		"upstream": {"name": "shop"},
		"message": {"method": "tools/call", "params": {"name": "run"}},
	}
	commands.deny == {_unreadable} with input as bare with data.settings.commands as _settings
}

test_a_blocked_program_is_found_in_every_guise if {
	blocked := {
		"rm -rf /": "rm",
		"RM x": "rm",
		"/bin/rm x": "rm",
		"timeout 5 rm x": "rm",
		"tar --use-compress-program=/bin/sh x": "SH",
		"git -c core.pager=sh log": "SH",
		"watch a,b:rm": "rm",
		"python3 x": "python",
		"/usr/bin/python3.11 x": "python",
		"mkfs.ext4 x": "mkfs",
		"sh.exe": "SH",
	}
	every command, program in blocked {
		_denied({"command": command}) == _blocked(program)
	}
}

test_every_blocked_program_is_named if {
	_denied({"command": "rm sh"}) == _blocked("SH, rm")
}

test_other_tools_and_listings_are_not_judged if {
	_denied_by_call("shop", "other", {"command": "rm x"}) == set()
	_denied_by_call("else", "run", {"command": "rm x"}) == set()
	_denied({"command": "rm x"}) == set() with input.listing as true
}

test_without_a_list_of_programs_no_command_runs if {
	every broken in [{}, {"blocked_programs": []}, {"blocked_programs": null}] {
		settings := object.union({"tools": _settings.tools}, broken)
		commands.deny == _blocked("") with input as _call("shop", "run", {"command": "ls"})
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
	"message": "run takes one plain command: a program and words without quotes, pipes, redirections or substitutions",
}

_blocked(programs) := {{"code": "blocked_program", "message": $"run may not run {programs}"}}

_denied(arguments) := _denied_by_call("shop", "run", arguments)

_denied_by_call(upstream, tool, arguments) := result if {
	call := _call(upstream, tool, arguments)
	result := commands.deny with input.direction as call.direction
		with input.kind as call.kind
		with input.upstream as call.upstream
		with input.message as call.message
		with data.settings.commands as _settings
}

_call(upstream, tool, arguments) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": upstream},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": arguments}},
}
