# METADATA
# title: The principal
# description: Questions about who calls.
# schemas:
#   - input: schema["input.schema"]
package regate.principals

# METADATA
# title: In a group
# description: True where the caller's token puts it in this group.
in_group(group) if group in input.principal.groups

# METADATA
# title: Has a role
# description: True where the caller's token gives it this role.
has_role(role) if role in input.principal.roles
