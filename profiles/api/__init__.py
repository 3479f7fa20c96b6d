"""The private API's endpoints for people, events and metrics: parse, call a verb, render."""
