"""A large shop that does not exist, for measuring: drawn from a seed, chunk by chunk, by NumPy.

`draw` makes arrays, `tables` turns them into Arrow tables and COPY's text, `load` puts both where
they belong. One draw feeds Segmenter's database and its peers.
"""
