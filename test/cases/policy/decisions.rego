package regate.main

# What each decision of the cases starts from; `ping` is what the engine's probe asks.
plain := {"effect": "deny", "reasons": [], "mask": [], "labels": []}

decision := plain if input.message.method == "ping"

decision := allow_if(input.message.params.arguments.n == 9007199254740993) if {
	input.message.method == "exact_integer"
}

decision := allow_if(input.time.now_ns == 1790000000123456789) if input.message.method == "exact_time"

decision := allow_if(input.time.rfc3339 == "2026-09-21T14:13:20.123456789Z") if {
	input.message.method == "time_text"
}

decision := allow_if(object.get(input.session, "id", "none") == "none") if input.message.method == "session_id_absent"

decision := allow_if(input.message.params.text == "ü\"\\\n😀") if input.message.method == "text"

decision := allow_if(count(input.findings) == 1) if input.message.method == "findings"

decision := allow_if(input.request.params.n == 9007199254740993) if {
	input.kind == "response"
	input.request.method == "tools/call"
}

decision := allow_if(object.keys(input.request) == {"method"}) if {
	input.kind == "response"
	input.request.method == "tools/list"
}

decision := object.union(plain, {"effect": "allow", "mask": input.message.params.mask}) if {
	input.message.method == "mask"
}

decision := object.union(plain, input.message.params) if input.message.method == "answer"

decision := input.message.params.value if input.message.method == "answer_alone"

decision := plain if input.message.method == "conflict"

decision := object.union(plain, {"effect": "allow"}) if input.message.method == "conflict"

decision := allow_if(sprintf("%d", [input.message.params.format]) != "") if input.message.method == "format"

allow_if(true) := object.union(plain, {"effect": "allow"})

allow_if(false) := plain
