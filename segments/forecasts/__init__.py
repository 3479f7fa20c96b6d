"""Forecasts of segments: orders and revenue expected of their members, kept, and what came."""
