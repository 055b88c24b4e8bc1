# METADATA
# title: The fault test's policy
# description: Calls of a tool are for people to decide, once each; the call itself says how its caller waits.
# schemas:
#   - input: schema["input.schema"]
package regate.main

# METADATA
# title: Decision
# description: Matches schemas/decision.schema.json.
# scope: document
default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {
	"effect": "require_approval",
	"reasons": [{"policy": "faults", "code": "held", "message": "a human must look"}],
	"approval": {
		"all_of": [{"groups": ["approvers"], "quorum": 1}],
		"ttl_seconds": 86400,
		"wait": {"styles": [input.message.params.arguments.wait], "hold_seconds": 30},
	},
	"mask": [],
	"labels": [],
} if {
	input.direction == "to_server"
	input.message.method == "tools/call"
	not input.approval
}
