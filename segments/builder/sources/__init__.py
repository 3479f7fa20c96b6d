"""What boxes suggest, one source for each thing that can be asked for.

A file is found by itself.
"""
