package policies_test.sql

import data.policies.sql

_settings := {
	"tools": [
		{"upstream": "warehouse", "tool": "query", "argument": "sql"},
		{"upstream": "warehouse", "tool": "change", "argument": "sql", "verbs": ["UPDATE", "DELETE"]},
	],
	"blocked_tables": ["billing.cards", "audit.*", "secrets"],
	"blocked_functions": ["pg_read_*", "pg_sleep"],
}

test_a_query_passes if {
	_denied("query", [_select({"tables": ["shop.orders", "customers"], "functions": ["count"]})]) == set()
	_denied("change", [_select({"verb": "DELETE", "where": "columns"})]) == set()
}

test_what_was_not_read_is_unreadable if {
	every read in [
		{},
		{"sql": []},
		{"sql": [object.union(_read([_select({})]), {"argument": "/other"})]},
		{"sql": [object.union(_read([_select({})]), {"readable": false})]},
		{"sql": [_read([])]},
	] {
		_denied_by_facts("query", read) == {{
			"code": "unreadable_sql",
			"message": "query takes SQL that PostgreSQL can read",
		}}
	}
}

test_statements_are_counted if {
	many := {"code": "too_many_statements", "message": "query takes no more than 1 statements"}
	_denied("query", [_select({}), _select({})]) == {many}
	sql.deny == set() with input as _judged("query", {"sql": [_read([_select({}), _select({})])]})
		with data.settings.sql as object.union(_settings, {"statements": 2})
}

test_only_listed_verbs_run if {
	_denied("query", [_select({"verb": "DO"})]) == _unlisted("query", "DO")
	_denied("query", [_select({"verb": "EXPLAIN"})]) == _unlisted("query", "EXPLAIN")
	_denied("query", [_select({"writes": ["t"]})]) == _unlisted("query", "SELECT INTO")
	_denied("change", [_select({})]) == _unlisted("change", "SELECT")
	sql.deny == set() with input as _judged("query", {"sql": [_read([_select({"verb": "EXPLAIN"})])]})
		with data.settings.sql as object.union(_settings, {"verbs": ["EXPLAIN"]})
}

test_a_blocked_table_is_found_with_and_without_its_schema if {
	every table in ["billing.cards", "cards", "audit.log", "secrets", "public.secrets", "anything"] {
		blocked := sql.deny with input as _judged("query", {"sql": [_read([_select({"tables": [table]})])]})
			with data.settings.sql as object.union(_settings, {"blocked_tables": _settings.blocked_tables})
		blocked == {{"code": "blocked_table", "message": $"query may not use {table}"}}
	}
	every table in ["billing.invoices", "shop.cards", "audits.log"] {
		_denied("query", [_select({"tables": [table]})]) == set()
	}
}

test_only_listed_tables_are_used_where_some_are_listed if {
	listed := object.union(_settings, {"allowed_tables": ["shop.*", "orders"], "blocked_tables": []})
	every table in ["shop.orders", "orders"] {
		sql.deny == set() with input as _judged("query", {"sql": [_read([_select({"tables": [table]})])]})
			with data.settings.sql as listed
	}
	every table in ["customers", "billing.orders", `"shop.orders"`] {
		denied := sql.deny with input as _judged("query", {"sql": [_read([_select({"tables": [table]})])]})
			with data.settings.sql as listed
		denied == {{"code": "unlisted_table", "message": $"query may not use {table}"}}
	}
}

test_a_blocked_function_is_found_in_any_schema if {
	every function in ["pg_read_file", "pg_sleep", "public.pg_sleep", "PG_SLEEP"] {
		_denied("query", [_select({"functions": [function]})]) == {{
			"code": "blocked_function",
			"message": $"query may not call {function}",
		}}
	}
}

test_a_change_needs_a_condition_on_columns if {
	every condition in ["none", "constant"] {
		_denied("change", [_select({"verb": "UPDATE", "where": condition})]) == {{
			"code": "unrestricted_change",
			"message": "change takes a condition on columns for UPDATE",
		}}
	}
}

test_the_machine_of_the_database_is_out_of_reach if {
	_denied("query", [_select({"outside": true})]) == {{
		"code": "outside",
		"message": "query may not use files and programs of the database's machine",
	}}
}

test_other_tools_and_listings_are_not_looked_at if {
	sql.deny == set() with input as _call("other", {}) with data.settings.sql as _settings
	sql.deny == set() with input as object.union(_call("query", {}), {"upstream": {"name": "shop"}})
		with data.settings.sql as _settings
	sql.deny == set() with input as object.union(_call("query", {}), {"listing": true})
		with data.settings.sql as _settings
}

test_without_settings_everything_is_refused if {
	every missing in ["tools", "blocked_tables", "blocked_functions"] {
		denied := sql.deny with input as _call("other", {})
			with data.settings.sql as object.remove(_settings, [missing])
		denied == {{"code": "settings_missing", "message": "the settings of the sql policy are missing"}}
	}
	count(sql.deny) == 1 with input as _call("other", {})
		with data.settings.sql as object.union(_settings, {"blocked_functions": []})
}

_unlisted(tool, verb) := {{"code": "unlisted_verb", "message": $"{tool} may not run {verb}"}}

_select(differing) := object.union(
	{
		"verb": "SELECT",
		"tables": [],
		"writes": [],
		"where": null,
		"functions": [],
		"outside": false,
		"nested": false,
	},
	differing,
)

_read(statements) := {
	"argument": "/sql",
	"readable": true,
	"count": count(statements),
	"statements": statements,
}

_denied(tool, statements) := _denied_by_facts(tool, {"sql": [_read(statements)]})

_denied_by_facts(tool, read) := result if {
	narrow := object.union(_settings, {"blocked_tables": ["billing.cards", "audit.log"]})
	result := sql.deny with input as _judged(tool, read) with data.settings.sql as narrow
}

_judged(tool, read) := object.union(_call(tool, {"sql": "…"}), {"facts": read})

_call(tool, arguments) := {
	"direction": "to_server",
	"kind": "request",
	"upstream": {"name": "warehouse"},
	"message": {"method": "tools/call", "params": {"name": tool, "arguments": arguments}},
}
