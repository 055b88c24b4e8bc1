package policies_test.schedule

import data.policies.schedule

_approval := {"groups": ["leads"], "quorum": 1, "ttl_seconds": 900}

_office := {
	"name": "office",
	"upstream": "shop",
	"tools": ["deploy"],
	"time_zone": "Europe/Berlin",
	"days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
	"from": "09:00",
	"to": "17:00",
}

_night := object.union(_office, {"days": ["Saturday"], "from": "22:00", "to": "02:00"})

test_the_first_minute_is_inside_and_the_last_is_outside if {
	# In winter Berlin is one hour before UTC, in summer two. The 5th of January 2026 is a Monday.
	_open(_office, ["2026-01-05T08:00:00Z", "2026-01-05T15:59:59.999999999Z", "2026-07-06T07:00:00Z"])
	_shut(_office, ["2026-01-05T07:59:59.999999999Z", "2026-01-05T16:00:00Z", "2026-07-06T15:00:00Z"])
}

test_the_day_is_that_of_the_time_zone if {
	_shut(_office, ["2026-01-04T08:00:00Z", "2026-01-10T08:00:00Z"])
	early := object.union(_office, {"from": "00:00", "to": "24:00"})
	_open(early, ["2026-01-04T23:00:00Z", "2026-01-09T22:59:59Z"])
	_shut(early, ["2026-01-04T22:59:59Z", "2026-01-09T23:00:00Z"])
}

test_hours_over_midnight_belong_to_the_day_on_which_they_begin if {
	# The 10th of January 2026 is a Saturday.
	_open(_night, ["2026-01-10T21:00:00Z", "2026-01-10T23:00:00Z", "2026-01-11T00:59:59Z"])
	_shut(_night, ["2026-01-10T20:59:59Z", "2026-01-11T01:00:00Z", "2026-01-09T23:30:00Z", "2026-01-11T21:30:00Z"])
}

test_hours_that_end_as_they_begin_are_a_day if {
	day := object.union(_office, {"days": ["Monday"], "from": "06:00", "to": "06:00"})
	_open(day, ["2026-01-05T05:00:00Z", "2026-01-06T04:59:59Z"])
	_shut(day, ["2026-01-05T04:59:59Z", "2026-01-06T05:00:00Z"])
}

test_the_wall_counts_when_clocks_change if {
	# On the 29th of March 2026 02:00 to 03:00 does not exist in Berlin; on the 25th of October it comes twice. Both are Sundays.
	gap := object.union(_office, {"days": ["Sunday"], "from": "02:00", "to": "03:00"})
	_shut(gap, ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"])
	_open(gap, ["2026-10-25T00:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-10-25T01:59:59Z"])
	_shut(gap, ["2026-10-24T23:59:59Z", "2026-10-25T02:00:00Z"])
	_open(_night, ["2026-03-28T21:00:00Z", "2026-03-29T00:59:59Z", "2026-10-24T23:59:59Z"])
	_shut(_night, ["2026-03-29T01:00:00Z", "2026-10-25T00:00:00Z"])
}

test_an_unknown_time_zone_is_never_open if {
	_shut(object.union(_office, {"time_zone": "Europe/Atlantis"}), ["2026-01-05T10:00:00Z"])
}

test_outside_of_hours_a_human_may_agree if {
	held := object.union(_office, {"approval": _approval})
	every time in ["2026-01-05T10:00:00Z", "2026-01-05T20:00:00Z"] {
		schedule.deny == set() with input as _call("deploy", time)
			with data.settings.schedule as {"hours": [held]}
	}
	required := schedule.require_approval with input as _call("deploy", "2026-01-05T20:00:00Z")
		with data.settings.schedule as {"hours": [held]}
	required == {object.union(_approval, {
		"code": "approval_outside_hours",
		"message": "deploy needs a human outside of the hours of office",
	})}
	schedule.require_approval == set() with input as _call("deploy", "2026-01-05T10:00:00Z")
		with data.settings.schedule as {"hours": [held]}
}

test_hours_bind_whom_and_what_they_name if {
	time := "2026-01-05T20:00:00Z"
	_open(object.union(_office, {"groups": ["others"]}), [time])
	_open(object.union(_office, {"upstream": "bank"}), [time])
	_open(object.union(_office, {"tools": ["erase"]}), [time])
	_shut(object.union(_office, {"groups": ["others", "staff"]}), [time])
	_shut(object.union(_office, {"upstream": "*", "tools": ["*"]}), [time])
	schedule.deny == set() with input as object.union(_call("deploy", time), {"listing": true})
		with data.settings.schedule as {"hours": [_office]}
}

test_without_settings_everything_is_refused if {
	schedule.deny == {{
		"code": "settings_missing",
		"message": "the settings of the schedule policy are missing",
	}} with input as _call("deploy", "2026-01-05T10:00:00Z") with data.settings.schedule as {}
}

_open(hours, times) if {
	every time in times { _denied(hours, time) == set() }
}

_shut(hours, times) if {
	closed := {{"code": "outside_hours", "message": "deploy runs only in the hours of office"}}
	every time in times { _denied(hours, time) == closed }
}

_denied(hours, time) := result if {
	result := schedule.deny with input as _call("deploy", time) with data.settings.schedule as {"hours": [hours]}
}

_call(tool, time_text) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "shop"},
	"principal": {"groups": ["staff"]},
	"message": {"method": "tools/call", "params": {"name": tool}},
	"time": {"now_ns": time.parse_rfc3339_ns(time_text)},
}
