"""What many tests build: definitions (plain JSON) and what a shop holds (rows)."""
