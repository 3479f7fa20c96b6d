"""A marketer's words in English, Swedish and Polish, and the conditions that they stand for.

Topics hold the words, one file each, found by themselves. `find` ranks what some words may mean in
an account. Knows nothing of the builder and of sentences.
"""

from segments.lexicon.find import Match, find

__all__ = ["Match", "find"]
