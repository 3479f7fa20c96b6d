"""Webhooks notify other systems of who entered and left segments; with a log and pages."""
