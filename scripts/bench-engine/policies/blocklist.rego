# METADATA
# title: A blocklist of programs
# description: Allows a command unless it names a program that is blocked.
package bench.blocklist

default decision := {"effect": "deny", "reasons": [], "mask": [], "labels": []}

# METADATA
# description: None of the words is blocked.
decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []} if {
	input.message.method == "tools/call"
	words := {word | some word in split(lower(input.message.params.arguments.command), " ")}
	count(words & blocked) == 0
}

blocked := {program | some program in data.blocked}
