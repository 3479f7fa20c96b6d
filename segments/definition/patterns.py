"""Regular expressions: what is wrong with one, and where, in words. RE2's grammar, by pyarrow."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_WORDS = {
    "missing ]": _("“[” (character %(place)s) is not closed by “]”."),
    "missing )": _("“(” (character %(place)s) is not closed by “)”."),
    "unexpected )": _("“)” (character %(place)s) closes nothing."),
    "trailing \\": _("“\\” at the end needs a character after it."),
    "no argument for repetition operator": _(
        "“%(part)s” (character %(place)s) has nothing before it to repeat."
    ),
    "invalid escape sequence": _("“%(part)s” (character %(place)s) means nothing here."),
    "invalid repetition size": _("“%(part)s” (character %(place)s) repeats too often."),
}
"""RE2's name of an error to the message for people."""
_OTHERWISE = _("“%(part)s” (character %(place)s) cannot stand here.")
_WITHOUT_PLACE = _("It is too long or too involved.")
_MOST_PART = 20
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", re.DOTALL)


def pattern_problem(pattern: str) -> str | None:
    """Why a text is not a regular expression; None if it is one."""
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        message = str(error).partition(": ")[2] or str(error)
        name, _sign, part = message.partition(": ")
        return gettext("This pattern cannot be read: %(problem)s") % {
            "problem": _describe(name, part, pattern)
        }
    return None


def _describe(name: str, part: str, pattern: str) -> str:
    if name in {"missing )", "unexpected )"}:
        part, position = ("", _unpaired(pattern))
    else:
        position = pattern.find(part) if part else -1
    if position < 0 and name not in {"trailing \\"}:
        return gettext(_WITHOUT_PLACE)
    return gettext(_WORDS.get(name, _OTHERWISE)) % {
        "part": part[:_MOST_PART],
        "place": position + 1,
    }


def _unpaired(pattern: str) -> int:
    """The position of an unmatched parenthesis; -1 if there is none."""
    open_positions: list[int] = []
    position = 0
    while position < len(pattern):
        in_class = _CLASS.match(pattern, position)
        if in_class:
            position = in_class.end()
            continue
        sign = pattern[position]
        if sign == "\\":
            position += 1
        elif sign == "(":
            open_positions.append(position)
        elif sign == ")" and not open_positions:
            return position
        elif sign == ")":
            open_positions.pop()
        position += 1
    return open_positions[-1] if open_positions else -1
