"""The private API's endpoints for segments: parse, call a verb, render."""
