"""Ready-made forms, one file each."""
