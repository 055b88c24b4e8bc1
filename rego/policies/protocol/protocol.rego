# METADATA
# title: Protocol
# description: >-
#   Requests that every session needs and that reach no tool, prompt or resource are allowed to every principal; what a
#   server may ask of a client is allowed by upstream. An extension's methods are allowed in the same way, each by name.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.protocol: schema.settings["protocol.schema"]
package policies.protocol

import data.regate.call

# METADATA
# title: Allow
# description: The method is one of those that settings name for its direction.
# scope: document
allow if {
	call.method in data.settings.protocol.client_methods
	call.method != "subscriptions/listen"
}

allow if {
	call.method == "subscriptions/listen"
	call.method in data.settings.protocol.client_methods
	_hears_of_lists_only(input.message.params.notifications)
}

allow if {
	input.direction == "to_server"
	input.kind == "notification"
	input.message.method in data.settings.protocol.client_methods
}

allow if {
	input.direction == "to_client"
	input.kind in {"request", "notification"}
	_may_ask(input.message.method)
}

# METADATA
# title: Input not to be asked for
# description: >-
#   Since MCP 2026-07-28 a server asks a client inside of its answer, and in 2025-11-25 it asks for a user inside of an
#   error. What it may not ask by a request it may not ask there.
# custom:
#   id: protocol/input_refused
deny contains {
	"code": "input_refused",
	"message": "this server may not ask the client for that input",
} if {
	input.direction == "to_client"
	some wanted in _input_requests
	not _may_be_wanted(wanted)
}

# METADATA
# title: Input requests
# description: What an answer asks of the client, or a task of which the server tells.
# scope: document
_input_requests contains wanted if some wanted in input.message.result.inputRequests

_input_requests contains wanted if some wanted in input.message.params.inputRequests

_input_requests contains {"method": "elicitation/create"} if input.message.error.code == -32042

# METADATA
# title: May be wanted
# description: The input is asked for by a method that the server may use.
_may_be_wanted(wanted) if _may_ask(wanted.method)

# METADATA
# title: May ask
# description: Settings name the method for this upstream, or for all.
_may_ask(method) if {
	some entry in data.settings.protocol.server_methods
	entry.method == method
	some upstream in entry.upstreams
	upstream in {"*", input.upstream.name}
}

# METADATA
# title: Hears of lists only
# description: >-
#   The stream tells that lists changed, which any principal may know. Changes of a resource and the results of a task
#   need a grant of their own.
_hears_of_lists_only(notifications) if {
	is_object(notifications)
	every kind, _ in notifications {
		kind in {"toolsListChanged", "promptsListChanged", "resourcesListChanged"}
	}
}
