"""Other databases with the same shop in them, each set up as an expert would, and asked in SQL."""
