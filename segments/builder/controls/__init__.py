"""How each declared field type stands in the builder's form: what is drawn, and what is read back.

The one place that knows the field types, one class each; a file is found by itself. A value that
cannot be read stays as it was typed, so that the definition's own validation says at its place what
is wrong with it.
"""
