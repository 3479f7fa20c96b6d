"""Families of columns, one file each; each registers itself in `segments.member_files.column`."""
