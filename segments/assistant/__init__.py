"""Conditions from free text: read exactly where possible, drafted by a language model if not."""
