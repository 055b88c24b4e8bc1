# METADATA
# title: Files
# description: Everything is allowed, and some of it takes scopes.
# schemas:
#   - input: schema["input.schema"]
package policies.files

import data.regate.call

# METADATA
# title: Allowed
# description: Whatever has its scopes.
allow if input.kind == "request"

# METADATA
# title: Reading
# description: All tools of the upstream `scoped` take this.
# custom:
#   id: files/reading
require_scope contains {"scope": "files:read", "code": "reading", "message": "tools take files:read"} if {
	call.on_upstream("scoped")
	call.tool
}

# METADATA
# title: Writing
# description: One tool takes more.
# custom:
#   id: files/writing
require_scope contains {"scope": "files:write", "code": "writing", "message": "this takes files:write"} if {
	call.on_upstream("scoped")
	call.calls("test_image_content")
}

# METADATA
# title: Administering
# description: And one takes what no issuer gives.
# custom:
#   id: files/administering
require_scope contains {"scope": "admin", "code": "administering", "message": "this takes admin"} if {
	call.on_upstream("scoped")
	call.calls("test_audio_content")
}
