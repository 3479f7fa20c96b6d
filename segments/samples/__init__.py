"""Random samples of a segment for test sends, split into groups, each on a list of its own."""
