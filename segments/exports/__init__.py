"""Files of a segment's members."""
