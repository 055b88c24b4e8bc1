# METADATA
# title: SQL
# description: >-
#   SQL runs only where PostgreSQL's own parser could read it, its statements are of listed kinds, and no table or function that
#   it names is blocked: wherever it stands, in subqueries, `WITH` and `EXPLAIN` too.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.sql: schema.settings["sql.schema"]
package policies.sql

import data.regate.call
import data.regate.facts

# METADATA
# title: Settings missing
# description: Without its settings this policy knows neither the tools nor what they may not do.
# custom:
#   id: sql/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the sql policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unreadable SQL
# description: It is no string, holds no statement, or PostgreSQL's parser refuses it; or nothing reads this argument.
# custom:
#   id: sql/unreadable_sql
deny contains {
	"code": "unreadable_sql",
	"message": $"{call.tool} takes SQL that PostgreSQL can read",
} if {
	some tool in _tools
	not _is_readable(tool.argument)
}

# METADATA
# title: Too many statements
# description: More of them than one call may run.
# custom:
#   id: sql/too_many_statements
deny contains {
	"code": "too_many_statements",
	"message": $"{call.tool} takes no more than {_most_statements} statements",
} if {
	some tool in _tools
	read := facts.sql(tool.argument)
	not read.count <= _most_statements
}

# METADATA
# title: Unlisted verb
# description: A statement of a kind that is not listed, as `DELETE`, `DO` and `SELECT INTO` are at first.
# custom:
#   id: sql/unlisted_verb
deny contains {
	"code": "unlisted_verb",
	"message": $"{call.tool} may not run {verb}",
} if {
	some tool in _tools
	some statement in facts.sql(tool.argument).statements
	verb := _verb(statement)
	not verb in _verbs(tool)
}

# METADATA
# title: Unlisted table
# description: Where the tables that may be used are listed, it is none of them.
# custom:
#   id: sql/unlisted_table
deny contains {
	"code": "unlisted_table",
	"message": $"{call.tool} may not use {table}",
} if {
	some statement in _statements
	some table in statement.tables
	not _is_listed(table)
}

# METADATA
# title: Blocked table
# description: A table that is blocked, or a name without a schema that may be one.
# custom:
#   id: sql/blocked_table
deny contains {
	"code": "blocked_table",
	"message": $"{call.tool} may not use {table}",
} if {
	some statement in _statements
	some table in statement.tables
	some pattern in data.settings.sql.blocked_tables
	_may_be(pattern, table)
}

# METADATA
# title: Blocked function
# description: A function that reaches out of the tables, whatever its schema.
# custom:
#   id: sql/blocked_function
deny contains {
	"code": "blocked_function",
	"message": $"{call.tool} may not call {function}",
} if {
	some statement in _statements
	some function in statement.functions
	some pattern in data.settings.sql.blocked_functions
	glob.match(lower(pattern), [], lower(_last(function)))
}

# METADATA
# title: Unrestricted change
# description: An `UPDATE` or `DELETE` of all rows, for want of a condition or by one that says nothing of the row.
# custom:
#   id: sql/unrestricted_change
deny contains {
	"code": "unrestricted_change",
	"message": $"{call.tool} takes a condition on columns for {statement.verb}",
} if {
	some statement in _statements
	statement.where in {"none", "constant"}
}

# METADATA
# title: Outside
# description: A `COPY` from or to a file or a program of the database's machine.
# custom:
#   id: sql/outside
deny contains {
	"code": "outside",
	"message": $"{call.tool} may not use files and programs of the database's machine",
} if {
	some statement in _statements
	not statement.outside == false
}

# METADATA
# title: Tools
# description: The settings of the called tool, one for each argument that holds SQL. None for a listing.
_tools contains tool if {
	some tool in data.settings.sql.tools
	call.on_upstream(tool.upstream)
	call.calls(tool.tool)
	is_object(call.arguments)
}

# METADATA
# title: Is readable
# description: All of it was read, and it holds a statement.
_is_readable(argument) if {
	read := facts.sql(argument)
	read.readable
	count(read.statements) > 0
}

# METADATA
# title: Statements
# description: Every statement in the arguments that hold SQL.
_statements contains statement if {
	some tool in _tools
	some statement in facts.sql(tool.argument).statements
}

# METADATA
# title: Verb
# description: The word that a statement begins with; `SELECT INTO` makes a table.
# scope: document
_verb(statement) := statement.verb if not _selects_into(statement)

_verb(statement) := "SELECT INTO" if _selects_into(statement)

# METADATA
# title: Selects into
# description: A query whose rows become a table.
_selects_into(statement) if {
	statement.verb == "SELECT"
	count(statement.writes) > 0
}

# METADATA
# title: Verbs
# description: What a tool may run, by its own settings, those of all, or else queries only.
_verbs(tool) := object.get(tool, "verbs", object.get(data.settings.sql, "verbs", ["SELECT"]))

# METADATA
# title: Most statements
# description: How many statements a call may hold; one, where settings do not say.
_most_statements := object.get(data.settings.sql, "statements", 1)

# METADATA
# title: Is listed
# description: >-
#   The table matches a listed pattern as it is written, or none is listed. A name without a schema matches patterns without
#   one only, since nobody knows here in which schema it is found.
# scope: document
_is_listed(_) if not _lists_tables

_is_listed(table) if {
	some pattern in data.settings.sql.allowed_tables
	glob.match(pattern, ["."], table)
}

# METADATA
# title: Lists tables
# description: The tables that may be used are listed.
_lists_tables if is_array(data.settings.sql.allowed_tables)

# METADATA
# title: May be
# description: The table is what the pattern names, or may be where one of the two says no schema.
# scope: document
_may_be(pattern, table) if glob.match(pattern, ["."], table)

_may_be(pattern, table) if {
	1 in {count(_parts(pattern)), count(_parts(table))}
	glob.match(_last(pattern), ["."], _last(table))
}

# METADATA
# title: Last
# description: A name without its schema.
_last(name) := parts[count(parts) - 1] if parts := _parts(name)

# METADATA
# title: Parts
# description: Of a name; a quoted one that holds a dot falls apart, which only matches more.
_parts(name) := split(trim(name, `"`), ".")

# METADATA
# title: Has settings
# description: All that SQL is judged by is there.
_has_settings if {
	is_array(data.settings.sql.tools)
	is_array(data.settings.sql.blocked_tables)
	count(data.settings.sql.blocked_functions) > 0
}
