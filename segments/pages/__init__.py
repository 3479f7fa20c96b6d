"""The list of segments, and one segment: members, definition, versions, actions."""
