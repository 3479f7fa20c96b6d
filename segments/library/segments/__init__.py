"""The ready-made segments, one file each. A file is found by itself."""
