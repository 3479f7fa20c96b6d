"""Files of members: their columns, formats and rows, for the rooms that make or send them."""
