"""The rows of predictions: reads orders, refreshes, stores and looks up results."""
