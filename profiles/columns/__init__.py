"""People and events as columns: what conditions read, wherever the rows come from."""
