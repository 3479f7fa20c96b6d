"""Formats of files, one file each; each registers itself in `segments.exports.file_format`."""
