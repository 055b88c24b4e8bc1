# METADATA
# title: Refunds
# description: Small refunds pass, larger ones need a human, and what is too large or cannot be read is refused.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.refunds: schema.settings["refunds.schema"]
package policies.refunds

import data.regate.call

# METADATA
# title: Settings missing
# description: Without its settings this policy knows neither the tools nor the limits nor who approves.
# custom:
#   id: refunds/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the refunds policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unreadable amount
# description: The amount is no number above zero.
# custom:
#   id: refunds/unreadable_amount
deny contains {
	"code": "unreadable_amount",
	"message": "a refund's amount is a number above zero",
} if {
	refund := _refund
	not _has_amount(refund)
}

# METADATA
# title: Unknown currency
# description: There is no limit for the currency.
# custom:
#   id: refunds/unknown_currency
deny contains {
	"code": "unknown_currency",
	"message": $"a refund's currency is one of {concat(", ", sort(_currencies))}",
} if {
	refund := _refund
	not _has_currency(refund)
}

# METADATA
# title: Refund too large
# description: The amount is above what anyone may refund.
# custom:
#   id: refunds/refund_too_large
deny contains {
	"code": "refund_too_large",
	"message": $"no refund over {_lowest(refund, "refuse_over")} {refund.currency}",
} if {
	refund := _refund
	_has_amount(refund)
	_has_currency(refund)
	not _is_within(refund, "refuse_over")
}

# METADATA
# title: Refund over limit
# description: The amount is above what passes without a human.
# custom:
#   id: refunds/refund_over_limit
require_approval contains object.union(data.settings.refunds.approval, {
	"code": "refund_over_limit",
	"message": $"refunds over {_lowest(refund, "approval_over")} {refund.currency} need a human",
}) if {
	refund := _refund
	not _is_within(refund, "approval_over")
}

# METADATA
# title: Refunds of a day
# description: >-
#   What each principal refunds in one currency and one day, UTC, stays within what the currency's settings allow, where they
#   do. What is refused above counts nothing, whatever its amount.
limit contains {
	"name": "refunds_of_a_day",
	"kind": "quota",
	"amount": currency.total_per_day,
	"per_seconds": 86400,
	"cost": refund.amount,
	"key": $"{input.principal.id} {currency.code}",
} if {
	refund := _refund
	_has_amount(refund)
	_is_within(refund, "refuse_over")
	some currency in data.settings.refunds.currencies
	currency.code == refund.currency
}

# METADATA
# title: Refund
# description: The arguments of a call that refunds money. Undefined for a listing.
_refund := call.arguments if {
	some tool in data.settings.refunds.tools
	call.on_upstream(tool.upstream)
	call.calls(tool.tool)
}

# METADATA
# title: Has an amount
# description: A number above zero.
_has_amount(refund) if {
	is_number(refund.amount)
	refund.amount > 0
}

# METADATA
# title: Has a currency
# description: One that has limits.
_has_currency(refund) if refund.currency in _currencies

# METADATA
# title: Is within
# description: The amount is a number and no more than the currency's limit.
_is_within(refund, limit) if {
	is_number(refund.amount)
	refund.amount <= _lowest(refund, limit)
}

# METADATA
# title: Lowest limit
# description: The limit of the refund's currency; the lowest, should settings name the currency twice.
_lowest(refund, limit) := min({currency[limit] |
	some currency in data.settings.refunds.currencies
	currency.code == refund.currency
	is_number(currency[limit])
})

# METADATA
# title: Currencies
# description: The currencies that have limits.
_currencies := {currency.code | some currency in data.settings.refunds.currencies}

# METADATA
# title: Has settings
# description: All that a refund is judged by is there.
_has_settings if {
	is_array(data.settings.refunds.tools)
	is_array(data.settings.refunds.currencies)
	is_object(data.settings.refunds.approval)
}
