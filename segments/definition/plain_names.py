"""Names in sentences: which can stand without quotation marks.

A name that contains what may follow it ("is set", "in the last") would make a sentence ambiguous.
Filters add their messages when they are registered; a kind adds those of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from django.utils.translation import get_language, gettext, pgettext

MOST_PLAIN = 60
"""A longer name is quoted."""
BLANKS = "\ue000-\uf8ff"
"""Private characters, which stand for names while templates are printed."""
PLAIN = re.compile(rf"[\w{BLANKS}][\w{BLANKS}$&'’*+./@#?!-]*(?: [\w{BLANKS}$&'’*+./@#?!-]+)*")
"""What a plain name looks like."""

_messages: set[str] = {
    "%(before)s or %(after)s",
    "%(before)s, and %(after)s",
    "%(items)s or %(last)s",
    "%(items)s and %(last)s",
    "%(sentence)s where %(tests)s",
}
_first: set[str] = set()
_plurals: set[Callable[[int], str]] = set()
_HOLE = re.compile(r"%\((\w+)\)s")


def add_continuations(
    first: Iterable[str] = (),
    around: Iterable[str] = (),
    plurals: Iterable[Callable[[int], str]] = (),
) -> None:
    """Add messages: `first` and `plurals` begin after a name, `around` go on after one."""
    _first.update(first)
    _messages.update(around)
    _plurals.update(plurals)
    _continuations.cache_clear()


def is_plain(name: str) -> bool:
    """Whether a name can stand in a sentence of the active language as it is."""
    if len(name) > MOST_PLAIN or not PLAIN.fullmatch(name):
        return False
    following = _continuations(get_language() or "")
    parts = name.split(" ")
    for i, word in enumerate(parts):
        second = following.get(word)
        if second is not None and (i + 1 == len(parts) or None in second or parts[i + 1] in second):
            return False
    return True


@lru_cache
def _continuations(language: str) -> dict[str, set[str | None]]:
    """The first word of what may follow a name, to the words after it; None for any word."""
    texts = [gettext(message) for message in _first]
    texts.append(pgettext("after a negation", "%(items)s or %(last)s"))
    texts += [plural(count) for plural in _plurals for count in (1, 2, 5)]
    texts += [gettext(message) for message in _messages]
    following: dict[str, set[str | None]] = {}
    for text in texts:
        pieces = _HOLE.split(text)[::2]
        for i, piece in enumerate(pieces):
            words = piece.split()
            if not words or (i == 0 and not piece[0].isalpha()):
                continue
            is_cut = i + 1 < len(pieces)
            second = words[1] if len(words) > 1 else None
            following.setdefault(words[0], set()).add(second if second or not is_cut else None)
            if second is None and not is_cut:
                following[words[0]].add(None)
    return following
