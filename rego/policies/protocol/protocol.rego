# METADATA
# title: Protocol
# description: >-
#   Requests that every session needs and that reach no tool, prompt or resource are allowed to every principal; what a
#   server may ask of a client is allowed by upstream.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.protocol: schema.settings["protocol.schema"]
package policies.protocol

import data.regate.call

# METADATA
# title: Allow
# description: The method is one of those that settings name for its direction.
# scope: document
allow if call.method in data.settings.protocol.client_methods

allow if {
	input.direction == "to_client"
	input.kind == "request"
	some entry in data.settings.protocol.server_methods
	entry.method == input.message.method
	_may_ask(entry.upstreams)
}

# METADATA
# title: May ask
# description: The upstream is listed, or all are.
# scope: document
_may_ask(upstreams) if "*" in upstreams

_may_ask(upstreams) if input.upstream.name in upstreams
