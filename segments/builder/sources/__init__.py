"""Suggestions of boxes, one source for each kind of thing.

A file is found by itself.
"""
