# METADATA
# title: Masks
# description: Turns what detectors found into obligations.
# schemas:
#   - input: schema["input.schema"]
package regate.masks

# METADATA
# title: Masks for findings
# description: One obligation for each place in which the detector found something; only what it found there is replaced.
for_findings(detector, strategy) := {obligation |
	some finding in input.findings
	finding.detector == detector

	obligation := {
		"path": finding.path,
		"with": strategy,
		"match": {"detector": detector},
	}
}
