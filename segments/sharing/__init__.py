"""A segment's definition for another account: a file, or a link that holds it."""
