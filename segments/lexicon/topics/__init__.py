"""The words of the lexicon, one file a topic. A file is found by itself.

Each entry has a name, the condition that it stands for, and its words: a line a language, phrases
separated by commas. See CONTRIBUTING, "Adding a word".
"""
