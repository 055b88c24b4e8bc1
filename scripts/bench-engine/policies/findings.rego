# METADATA
# title: Masks over findings
# description: Lets an answer pass with the values masked that detectors found.
package bench.findings

default decision := {"effect": "deny", "reasons": [], "mask": [], "labels": []}

# METADATA
# description: Every finding of a detector that is listed is masked.
decision := {"effect": "allow", "reasons": [], "mask": mask, "labels": []} if {
	input.direction == "to_client"
	mask := sort([one |
		some finding in input.findings
		strategy := data.masks[finding.detector]
		one := {"path": finding.path, "with": strategy, "match": {"detector": finding.detector}}
	])
}
