"""Lists: their pages, and the only way to make, name, fill and empty them."""
