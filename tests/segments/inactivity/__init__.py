"""Tests of segments.inactivity."""
