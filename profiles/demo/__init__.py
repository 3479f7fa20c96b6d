"""The data of a first look: a made-up shop and a real purchase log, in the exchange format.

Pure generators: only `load` knows the database, and nothing asks what time it is.
"""
