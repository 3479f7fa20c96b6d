"""What a segment tells: previews, explanations, reports."""
