"""Columns of an account in files on this machine, and what has changed since laid over them."""
