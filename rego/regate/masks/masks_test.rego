package regate.masks_test

import data.regate.masks

_found := {"findings": [
	{"path": "/result/content/0/text", "detector": "email", "count": 2},
	{"path": "/result/content/1/text", "detector": "email", "count": 1},
	{"path": "/result/content/0/text", "detector": "payment_card", "count": 1},
]}

test_each_finding_of_the_detector_becomes_an_obligation if {
	masks.for_findings("email", "redact") == {
		{"path": "/result/content/0/text", "with": "redact", "match": {"detector": "email"}},
		{"path": "/result/content/1/text", "with": "redact", "match": {"detector": "email"}},
	} with input as _found
}

test_a_detector_that_found_nothing_masks_nothing if {
	masks.for_findings("iban", "redact") == set() with input as _found
	masks.for_findings("email", "redact") == set() with input as {"findings": []}
}
