"""Destinations: lists and tables elsewhere that are kept equal to a segment, and files of it."""
