"""Who people are and what they did."""
