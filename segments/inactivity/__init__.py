"""Segments that nobody uses: they are deactivated, after a warning, by a rule of the account."""
