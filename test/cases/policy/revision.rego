package regate.main

decision := {
	"effect": "allow",
	"reasons": [{"policy": "revision", "code": "decided_by", "message": data.revision}],
	"mask": [],
	"labels": [],
}
