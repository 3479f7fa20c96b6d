"""The only door through which people are written: parse, resolve who is meant, store, merge, erase.

`store` takes many records at once, `upsert` one; everything else here serves them.
"""
