"""Pages of metrics (kinds of events)."""
