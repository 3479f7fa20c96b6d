"""Klaviyo's API for browsers and phones under /client/: people, events, subscriptions."""
