"""The filters of the list of people: conditions of a segment that is not saved."""
