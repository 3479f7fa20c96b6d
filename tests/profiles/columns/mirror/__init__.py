"""Tests of the column files of a large account."""
