"""Who may come in: accounts, users with their roles, API keys, sign-in."""
