"""Why one person is in a segment or not, and when that will change."""
