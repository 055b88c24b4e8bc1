# METADATA
# title: The benchmark's policy
# description: Everything passes but calls of one tool, whose refusal says which bundle is in force.
# schemas:
#   - input: schema["input.schema"]
package regate.main

# METADATA
# title: Decision
# description: Matches schemas/decision.schema.json.
# scope: document
default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": "deny", "reasons": [reason], "mask": [], "labels": []} if {
	input.message.params.name == "generation"
	reason := {
		"policy": "bench",
		"code": sprintf("generation_%d", [data.generation.number]),
		"message": "which bundle is in force",
	}
}
