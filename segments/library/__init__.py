"""Ready-made segments, one file each."""
