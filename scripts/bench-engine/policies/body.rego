# METADATA
# title: Every text of an answer
# description: Lets an answer pass unless one of its texts says what is blocked, so it reads all of it.
package bench.body

default decision := {"effect": "deny", "reasons": [], "mask": [], "labels": []}

# METADATA
# description: No text contains a blocked word.
decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []} if {
	input.direction == "to_client"
	not says_blocked
}

says_blocked if {
	some block in input.message.result.content
	some word in data.blocked
	contains(block.text, word)
}
