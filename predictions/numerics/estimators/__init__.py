"""Models of what customers will do: float64 arrays in, frozen dataclasses and arrays out.

Pure: no database, no clock, no words for people (codes and values only). Times are in days.
"""
