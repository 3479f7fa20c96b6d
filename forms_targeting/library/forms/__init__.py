"""The ready-made forms, one file each."""
