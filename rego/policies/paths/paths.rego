# METADATA
# title: Paths
# description: >-
#   A tool opens only files below its roots, by paths that everybody reads alike, and none whose name says that it holds a
#   secret. Where links lead is not known: roots in which others make links are no bounds.
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.paths: schema.settings["paths.schema"]
package policies.paths

import data.regate.call
import data.regate.facts

# METADATA
# title: Settings missing
# description: Without its settings this policy knows neither the tools nor the names that are blocked.
# custom:
#   id: paths/settings_missing
deny contains {
	"code": "settings_missing",
	"message": "the settings of the paths policy are missing",
} if {
	not _has_settings
}

# METADATA
# title: Unreadable path
# description: It is no string, is empty, or holds what no path does; or nothing reads this argument.
# custom:
#   id: paths/unreadable_path
deny contains {
	"code": "unreadable_path",
	"message": $"{call.tool} takes paths that can be read",
} if {
	some tool in _tools
	not _is_readable(tool.argument)
}

# METADATA
# title: Path escapes
# description: It climbs out of the folder that it starts in.
# custom:
#   id: paths/path_escapes
deny contains {
	"code": "path_escapes",
	"message": $"{call.tool} takes paths that do not climb out of their folder",
} if {
	some tool in _tools
	some path in _paths(tool)
	not path.escapes == false
}

# METADATA
# title: Ambiguous path
# description: Whoever decodes or expands it once more gets to another file.
# custom:
#   id: paths/ambiguous_path
deny contains {
	"code": "ambiguous_path",
	"message": $"{call.tool} takes paths that everybody reads alike",
} if {
	some tool in _tools
	some path in _paths(tool)
	not path.ambiguous == false
}

# METADATA
# title: Outside of the roots
# description: It lies below none of the tool's roots.
# custom:
#   id: paths/outside_roots
deny contains {
	"code": "outside_roots",
	"message": $"{call.tool} takes paths below {concat(", ", sort(tool.roots))}",
} if {
	some tool in _tools
	some path in _paths(tool)
	not _is_inside(tool, path)
}

# METADATA
# title: Blocked name
# description: The file, or a folder on the way to it, has a name that is blocked, in whatever case.
# custom:
#   id: paths/blocked_name
deny contains {
	"code": "blocked_name",
	"message": $"{call.tool} may not open {pattern}",
} if {
	some tool in _tools
	some path in _paths(tool)
	some segment in split(path.normal, "/")
	some pattern in data.settings.paths.blocked_names
	glob.match(lower(pattern), ["/"], _plain(segment))
}

# METADATA
# title: Tools
# description: The settings of the called tool, one for each argument that holds paths. None for a listing.
_tools contains tool if {
	some tool in data.settings.paths.tools
	call.on_upstream(tool.upstream)
	call.calls(tool.tool)
	is_object(call.arguments)
}

# METADATA
# title: Is readable
# description: Something was read of it, and all of that is readable.
_is_readable(argument) if {
	paths := facts.paths(argument)
	count(paths) > 0
	every path in paths { path.readable }
}

# METADATA
# title: Paths
# description: The paths in an argument that can be read. What cannot is refused as such.
_paths(tool) := {path |
	some path in facts.paths(tool.argument)
	path.readable
}

# METADATA
# title: Is inside
# description: The path is a root or lies below one. The root `.` is the folder in which the server resolves relative paths.
# scope: document
_is_inside(tool, path) if {
	path.absolute
	some root in tool.roots
	startswith(root, "/")
	startswith($"{path.normal}/", $"{trim_right(root, "/")}/")
}

_is_inside(tool, path) if {
	not path.absolute
	some root in tool.roots
	not startswith(root, "/")
	_is_below(trim_right(root, "/"), path.normal)
}

# METADATA
# title: Is below
# description: A relative path lies below a relative root.
# scope: document
_is_below(".", normal) if not startswith($"{normal}/", "../")

_is_below(root, normal) if startswith($"{normal}/", $"{root}/")

# METADATA
# title: Plain
# description: >-
#   A segment as file systems and programs may take it: without case, without what follows a colon (a stream), and without the
#   brackets of a pattern.
_plain(segment) := concat("", regex.split(`[\[\]{}]`, lower(split(segment, ":")[0])))

# METADATA
# title: Has settings
# description: The tools and the names that are blocked are there.
_has_settings if {
	is_array(data.settings.paths.tools)
	count(data.settings.paths.blocked_names) > 0
}
