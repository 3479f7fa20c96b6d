"""Pages of people: the list, each person, merging two."""
