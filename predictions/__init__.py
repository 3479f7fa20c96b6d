"""Predictions about people. Never imports segments."""
