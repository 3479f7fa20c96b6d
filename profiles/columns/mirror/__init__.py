"""Columns of an account in files on this machine, and the changes since, laid over them."""
