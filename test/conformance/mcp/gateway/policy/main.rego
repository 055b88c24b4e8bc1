# METADATA
# title: The decision
# description: Everything passes, so that a check that is lost is lost by the gateway itself.
package regate.main

# METADATA
# title: Decision
# description: Matches schemas/decision.schema.json.
# scope: document
decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}
