"""Which sign-up form a visitor sees, and what becomes of what they enter."""
