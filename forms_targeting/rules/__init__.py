"""Targeting: who sees a form. `rule` is what rules are; `patterns` and `addresses` are what several
kinds compare with; each other file is one kind.
"""
