"""Families of columns, one file each; each registers itself in `segments.exports.column`."""
