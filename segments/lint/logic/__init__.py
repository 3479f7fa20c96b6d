"""What can be said of a definition without looking at anybody: who could possibly match.

Sound and not complete: what it calls impossible is impossible for every person; where it does not
know, it says possible.
"""
