"""The performance of a segment over time beside everyone: mail, orders, revenue."""
