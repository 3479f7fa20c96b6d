"""Comparing segments: how they overlap, what sets one apart from everyone, one on two dates."""
