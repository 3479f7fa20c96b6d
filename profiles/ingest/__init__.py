"""The only room that writes people: parse, resolve identities, store, merge, erase.

`store` writes batches of records, `upsert` one; everything else here serves them.
"""
