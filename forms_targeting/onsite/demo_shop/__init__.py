"""The demo's shop: a few static pages on a port of their own, and people to be there as."""
