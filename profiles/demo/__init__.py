"""Demo data: a made-up shop and a real purchase log, in the exchange format.

Pure generators: only `load` knows the database, and nothing reads the clock.
"""
