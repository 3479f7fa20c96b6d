"""Measures the product's speed. Nothing here is used by the product."""
