"""How a segment is made in the browser: forms, edits, drafts, suggestions, and their pages."""
