"""Other databases with the same shop, each set up as an expert would, and queried in SQL."""
