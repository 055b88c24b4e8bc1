# METADATA
# title: The answer being judged
# description: What a server's response answers.
# schemas:
#   - input: schema["input.schema"]
package regate.answer

# METADATA
# title: Method
# description: The method of the client's request that a server's response answers.
method := input.request.method if {
	input.direction == "to_client"
	input.kind == "response"
}

# METADATA
# title: Tool
# description: The tool whose result this response carries.
tool := input.request.params.name if method == "tools/call"

# METADATA
# title: Unsolicited answer
# description: >-
#   A result for the client that answers no known request. Lists are filtered and tools masked by what was asked, so
#   such a result cannot be judged. An error without a request (JSON-RPC 2.0, section 5) is not one.
unsolicited if {
	input.direction == "to_client"
	input.kind == "response"
	not input.request.method
	not input.message.error.code
}
