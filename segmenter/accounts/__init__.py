"""Access: accounts, users and their roles, API keys, sign-in."""
