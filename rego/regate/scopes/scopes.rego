# METADATA
# title: Scopes
# description: >-
#   What policies require of the caller's token. A message that lacks some of it is told all that it takes, so that a
#   client gets them in one go (MCP 2026-07-28, scope challenge handling).
# schemas:
#   - input: schema["input.schema"]
package regate.scopes

import data.regate.said

# METADATA
# title: Required
# description: All scopes that the message takes, held or not, each by its own name.
required contains statement.scope if some statement in said.scopes

# METADATA
# title: Missing
# description: >-
#   Why the token does not suffice. Nothing is missing while the library asks about an entry of a list: a client has to
#   see a tool to get the scopes that calling it takes.
missing contains reason if {
	not input.listing
	some statement in said.scopes
	not _held(statement)

	reason := {"policy": statement.policy, "code": statement.code, "message": statement.message}
}

# METADATA
# title: Held
# description: The token has the scope, or a broader one that stands for it.
# scope: document
_held(statement) if statement.scope in input.principal.scopes

_held(statement) if {
	some broader in statement.implied_by
	broader in input.principal.scopes
}
