"""Formats of files, one file each; each registers itself in `segments.member_files.file_format`."""
