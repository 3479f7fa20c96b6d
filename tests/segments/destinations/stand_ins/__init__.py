"""Receivers of destinations as they are documented, one file a kind of the same name.

Each file has `receiver(settings)`, a context manager that yields a Receiver: with it the kind joins
the tests of the laws that all kinds obey.
"""
