"""What a segment says. Pure: no database, no HTTP, no clock."""
