"""The oracle: a slow, obvious second implementation of what a definition means.

It is written from the conditions' grammar and meaning alone, in plain Python, and must never
import the evaluator it checks. `READINGS.md` lists how each ambiguous sentence was read.
"""
