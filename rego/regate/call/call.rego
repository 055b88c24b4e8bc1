# METADATA
# title: The call being judged
# description: What a client's request asks of a server, read once so that no policy reads it differently.
# schemas:
#   - input: schema["input.schema"]
package regate.call

# METADATA
# title: Method
# description: The method of a client's request; undefined on every other message.
method := input.message.method if {
	input.direction == "to_server"
	input.kind == "request"
}

# METADATA
# title: Tool
# description: The tool that a `tools/call` names.
tool := input.message.params.name if {
	method == "tools/call"
	is_string(input.message.params.name)
}

# METADATA
# title: Prompt
# description: The prompt that a `prompts/get` names, or that a `completion/complete` completes.
# scope: document
prompt := input.message.params.name if {
	method == "prompts/get"
	is_string(input.message.params.name)
}

prompt := input.message.params.ref.name if {
	method == "completion/complete"
	input.message.params.ref.type == "ref/prompt"
	is_string(input.message.params.ref.name)
}

# METADATA
# title: Resource
# description: The URI that is read, subscribed to or unsubscribed from, or whose template is completed.
# scope: document
resource := input.message.params.uri if {
	method in {"resources/read", "resources/subscribe", "resources/unsubscribe"}
	is_string(input.message.params.uri)
}

resource := input.message.params.ref.uri if {
	method == "completion/complete"
	input.message.params.ref.type == "ref/resource"
	is_string(input.message.params.ref.uri)
}

# METADATA
# title: Arguments
# description: >-
#   The arguments of a `tools/call` or `prompts/get`; `{}` where the call has none. Undefined while the library asks
#   whether a listed entry could be called, because its arguments are not known yet: a rule that reads them stays silent
#   for a listing and fires for every real call.
# scope: document
arguments := input.message.params.arguments if {
	_takes_arguments
	_has_arguments
}

arguments := {} if {
	_takes_arguments
	not _has_arguments
}

# METADATA
# title: Malformed call
# description: The name is not a word or the arguments are not an object, so no rule can be sure what it judges.
# scope: document
malformed if {
	method in _named_methods
	not _has_name
}

malformed if {
	_takes_arguments
	given := input.message.params.arguments
	not is_object(given)
}

# METADATA
# title: Calls a tool
# description: True where the request is a `tools/call` of this tool.
calls(name) if tool == name

# METADATA
# title: On an upstream
# description: True where the message travels to or from this upstream.
on_upstream(name) if input.upstream.name == name

# METADATA
# title: Methods with a name
# description: Requests that say by `params.name` what they want.
_named_methods := {"tools/call", "prompts/get"}

# METADATA
# title: Has a name
# description: The request's `params.name` is a string that is not empty.
_has_name if {
	is_string(input.message.params.name)
	input.message.params.name != ""
}

# METADATA
# title: Takes arguments
# description: The request is one with arguments, and a real one.
_takes_arguments if {
	method in _named_methods
	not input.listing
}

# METADATA
# title: Has arguments
# description: >-
#   The arguments are an object. A rule of its own: `not is_object(…)` of a missing value is undefined, not true.
_has_arguments if is_object(input.message.params.arguments)
