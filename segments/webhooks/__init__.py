"""Telling other systems who entered and left: webhooks, their deliveries, their pages."""
