"""Who belongs together: definitions, their evaluation, membership, and where it goes."""
