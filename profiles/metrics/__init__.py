"""Pages of metrics: the kinds of events and what is known of them."""
