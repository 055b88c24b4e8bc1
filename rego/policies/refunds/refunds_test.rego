package policies_test.refunds

import data.policies.refunds

_settings := {
	"tools": [{"upstream": "shop", "tool": "refund"}],
	"currencies": [
		{"code": "EUR", "approval_over": 500, "refuse_over": 10000},
		{"code": "JPY", "approval_over": 80000, "refuse_over": 1600000},
	],
	"approval": {"groups": ["oncall"], "quorum": 1, "ttl_seconds": 900},
}

test_small_refunds_pass if {
	every refund in [
		{"amount": 0.01, "currency": "EUR"},
		{"amount": 500, "currency": "EUR"},
		{"amount": 80000, "currency": "JPY", "reason": "late"},
	] {
		_said(refund) == {"deny": set(), "require_approval": set()}
	}
}

test_refunds_over_the_limit_need_a_human if {
	_said({"amount": 500.01, "currency": "EUR"}) == {"deny": set(), "require_approval": {_over("500 EUR")}}
	_said({"amount": 10000, "currency": "EUR"}) == {"deny": set(), "require_approval": {_over("500 EUR")}}
	_said({"amount": 80001, "currency": "JPY"}) == {"deny": set(), "require_approval": {_over("80000 JPY")}}
}

test_settings_may_say_all_that_a_requirement_may if {
	more := {
		"escalate": {"after_seconds": 600, "groups": ["managers"]},
		"break_glass": ["chiefs"],
		"grant": {"uses": 2, "valid_seconds": 600},
		"wait": {"styles": ["hold"], "hold_seconds": 60},
	}
	settings := object.union(_settings, {"approval": object.union(_settings.approval, more)})
	said := _said_of_call("shop", "refund", {"amount": 700, "currency": "EUR"}, settings)
	said.require_approval == {object.union(more, _over("500 EUR"))}
}

test_refunds_over_the_ceiling_are_refused if {
	_said({"amount": 10000.01, "currency": "EUR"}).deny == {_too_large}
	_said({"amount": 1e300, "currency": "EUR"}).deny == {_too_large}
}

test_an_amount_that_is_no_positive_number_is_refused if {
	every amount in [0, -1, -0.01, "100", "1e9", null, true, [100], {"value": 100}] {
		_said({"amount": amount, "currency": "EUR"}).deny == {_unreadable}
	}
	_said({"currency": "EUR"}).deny == {_unreadable}
	_said({"Amount": 5, "currency": "EUR"}).deny == {_unreadable}
}

test_a_currency_without_limits_is_refused if {
	every currency in ["eur", "EUR ", "USD", "", null, 978, ["EUR"], "ЕUR"] {
		_said({"amount": 5, "currency": currency}).deny == {_unknown}
	}
	_said({"amount": 5}).deny == {_unknown}
}

test_unreadable_arguments_are_refused_for_each_reason if {
	every arguments in [{}, "5 EUR", ["5", "EUR"], null] {
		_said(arguments).deny == {_unreadable, _unknown}
	}
}

test_other_tools_and_listings_are_not_judged if {
	_said_of_call("shop", "other", {}, _settings) == {"deny": set(), "require_approval": set()}
	_said_of_call("else", "refund", {}, _settings) == {"deny": set(), "require_approval": set()}
	_said({}) == {"deny": set(), "require_approval": set()} with input.listing as true
}

test_a_currency_named_twice_has_its_lowest_limits if {
	twice := [{"code": "EUR", "approval_over": 9, "refuse_over": 20}, {"code": "EUR", "approval_over": 10, "refuse_over": 15}]
	settings := object.union(_settings, {"currencies": twice})
	_said_of_call("shop", "refund", {"amount": 9.5, "currency": "EUR"}, settings) == {
		"deny": set(),
		"require_approval": {_over("9 EUR")},
	}
	_said_of_call("shop", "refund", {"amount": 15.5, "currency": "EUR"}, settings).deny == {{
		"code": "refund_too_large",
		"message": "no refund over 15 EUR",
	}}
}

test_limits_that_are_no_numbers_refuse if {
	every limits in [{}, {"approval_over": "500", "refuse_over": "10000"}] {
		settings := object.union(_settings, {"currencies": [object.union({"code": "EUR"}, limits)]})
		codes := {reason.code | some reason in _said_of_call("shop", "refund", {"amount": 5, "currency": "EUR"}, settings).deny}
		codes == {"refund_too_large"}
	}
}

test_a_days_refunds_have_a_total_where_settings_say_one if {
	settings := object.union(_settings, {"currencies": [
		{"code": "EUR", "approval_over": 500, "refuse_over": 10000, "total_per_day": 20000},
		{"code": "JPY", "approval_over": 80000, "refuse_over": 1600000},
	]})
	_counted({"amount": 19.99, "currency": "EUR"}, settings) == {{
		"name": "refunds_of_a_day",
		"kind": "quota",
		"amount": 20000,
		"per_seconds": 86400,
		"cost": 19.99,
		"key": "issuer|agent EUR",
	}}
	every refund in [
		{"amount": 5, "currency": "JPY"},
		{"amount": 5, "currency": "USD"},
		{"amount": -5, "currency": "EUR"},
		{"amount": "5", "currency": "EUR"},
		{"currency": "EUR"},
	] {
		_counted(refund, settings) == set()
	}
}

test_without_settings_everything_is_refused if {
	every missing in ["tools", "currencies", "approval"] {
		settings := object.remove(_settings, [missing])
		said := _said_of_call("shop", "other", {}, settings)
		said.deny == {{"code": "settings_missing", "message": "the settings of the refunds policy are missing"}}
	}
}

_unreadable := {"code": "unreadable_amount", "message": "a refund's amount is a number above zero"}

_unknown := {"code": "unknown_currency", "message": "a refund's currency is one of EUR, JPY"}

_too_large := {"code": "refund_too_large", "message": "no refund over 10000 EUR"}

_over(limit) := {
	"groups": ["oncall"],
	"quorum": 1,
	"ttl_seconds": 900,
	"code": "refund_over_limit",
	"message": $"refunds over {limit} need a human",
}

_counted(arguments, settings) := result if {
	result := refunds.limit with input.direction as "to_server"
		with input.kind as "request"
		with input.upstream as {"name": "shop"}
		with input.principal as {"id": "issuer|agent"}
		with input.message as {"method": "tools/call", "params": {"name": "refund", "arguments": arguments}}
		with data.settings.refunds as settings
}

_said(arguments) := _said_of_call("shop", "refund", arguments, _settings)

_said_of_call(upstream, tool, arguments, settings) := result if {
	result := {"deny": refunds.deny, "require_approval": refunds.require_approval} with input.direction as "to_server"
		with input.kind as "request"
		with input.upstream as {"name": upstream}
		with input.message as {"method": "tools/call", "params": {"name": tool, "arguments": arguments}}
		with data.settings.refunds as settings
}
