"""Free text as a definition: what `definition.describe` prints, and what a marketer would write."""
