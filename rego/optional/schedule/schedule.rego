# METADATA
# title: Schedule
# description: >-
#   Tools that run at certain hours of certain days only, by the clock on the wall of a time zone; at other times they are refused
#   or need an approval.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.schedule: schema.settings["schedule.schema"]
package policies.schedule

import data.regate.call
import data.regate.principals

# METADATA
# title: Settings missing
# description: Without its settings this policy knows neither the tools nor their hours.
# custom:
#   id: schedule/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the schedule policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Outside of hours
# description: The tool is not to run now.
# custom:
#   id: schedule/outside_hours
deny contains {
	"code": "outside_hours",
	"message": $"{call.tool} runs only in the hours of {hours.name}",
} if {
	some hours in _closed
	not hours.approval
}

# METADATA
# title: Approval outside of hours
# description: The tool does not run now without a human.
# custom:
#   id: schedule/approval_outside_hours
require_approval contains object.union(hours.approval, {
	"code": "approval_outside_hours",
	"message": $"{call.tool} needs a human outside of the hours of {hours.name}",
}) if {
	some hours in _closed
	hours.approval
}

# METADATA
# title: Closed
# description: The hours that hold for this call and are not now. None for a listing, which would be out of date in an hour.
_closed contains hours if {
	some hours in data.settings.schedule.hours
	hours.upstream in {input.upstream.name, "*"}
	is_object(call.arguments)
	some tool in hours.tools
	tool in {call.tool, "*"}
	_is_for_principal(hours)
	not _is_open(hours)
}

# METADATA
# title: Is for the principal
# description: The hours are for one of the principal's groups, or for everybody.
# scope: document
_is_for_principal(hours) if not hours.groups

_is_for_principal(hours) if {
	some group in hours.groups
	principals.in_group(group)
}

# METADATA
# title: Is open
# description: >-
#   It is one of the days, and not before `from` nor at `to` or after. Hours that end before they begin go on after midnight, and
#   are those of the day on which they began. An unknown time zone is never open.
# scope: document
_is_open(hours) if {
	time.weekday([input.time.now_ns, hours.time_zone]) in hours.days
	hours.from <= _now(hours)
	_now(hours) < hours.to
}

_is_open(hours) if {
	hours.to <= hours.from
	time.weekday([input.time.now_ns, hours.time_zone]) in hours.days
	hours.from <= _now(hours)
}

_is_open(hours) if {
	hours.to <= hours.from
	_before[time.weekday([input.time.now_ns, hours.time_zone])] in hours.days
	_now(hours) < hours.to
}

# METADATA
# title: Now
# description: What the clock on the wall says, `HH:MM`, so that it sorts as text.
_now(hours) := sprintf("%02d:%02d", [clock[0], clock[1]]) if {
	clock := time.clock([input.time.now_ns, hours.time_zone])
}

# METADATA
# title: Before
# description: The day before a day.
_before := {
	"Monday": "Sunday",
	"Tuesday": "Monday",
	"Wednesday": "Tuesday",
	"Thursday": "Wednesday",
	"Friday": "Thursday",
	"Saturday": "Friday",
	"Sunday": "Saturday",
}

# METADATA
# title: Has settings
# description: The hours are there.
_has_settings if is_array(data.settings.schedule.hours)
