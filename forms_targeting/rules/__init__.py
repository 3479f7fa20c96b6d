"""Targeting: who sees a form. `rule` is what rules are; each file beside it is one kind."""
