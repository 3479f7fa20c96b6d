"""Audiences at ad networks: who may be in them, and their files."""
