"""Who is in a segment: evaluation, membership, builds."""
