package regate.notifications_test

import data.regate.notifications

test_each_of_mcps_is_known if {
	every method in notifications.methods {
		_known("notification", method)
	}
}

test_others_are_not if {
	every method in ["acme/done", "notifications/acme", "Notifications/cancelled", "notifications/", "", null, 5] {
		not _known("notification", method)
	}
}

test_a_request_is_none if {
	not _known("request", "notifications/cancelled")
}

_known(kind, method) if {
	notifications.known with input as {"kind": kind, "message": {"method": method}}
}
