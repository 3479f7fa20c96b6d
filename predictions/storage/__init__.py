"""The rows of predictions: reading orders, refreshing, keeping and looking up results."""
