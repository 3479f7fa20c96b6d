"""Tests of where membership goes."""
