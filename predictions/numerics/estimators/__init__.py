"""Models of customers: float64 arrays in, frozen dataclasses and arrays out.

Pure: no database, no clock, no texts (codes and values only). Times are in days.
"""
