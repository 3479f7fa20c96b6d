"""Warnings about definitions: one file a rule in `rules/`; what needs no data is in `logic/`."""
