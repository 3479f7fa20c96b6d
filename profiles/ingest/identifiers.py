"""Recognizes placeholders among identifiers and normalizes e-mail addresses. Pure.

Trackers and spreadsheets write a word such as "null" for an unknown value. Many people have the
same placeholder, so it identifies nobody.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import phonenumbers

_WORDS = frozenset(
    {
        *("null", "undefined", "none", "nil", "nan", "n/a", "na", "false"),
        *("guest", "unknown", "anonymous", "not set", "not available"),
        *("gäst", "gast", "gość", "gosc", "invité", "invitado", "gæst", "gjest", "vieras"),
    }
)
_ZEROS = "0-+.,:_?* \t\r\n\v\f\u00a0\u2007\u202f\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
"""A value of these characters only is empty, a dash, a question mark, or zero (the nil UUID)."""
_BRACKETS = "<>()[]{}\"'#"
"""Around a placeholder: (null), "None", #N/A."""
_AROUND = _BRACKETS + _ZEROS.replace("0", "")
_STARTS = frozenset(_BRACKETS) | {
    letter for word in _WORDS for letter in (word[0], word[0].upper())
}

_INVISIBLE = dict.fromkeys(
    [
        *(0x00AD, 0x034F, 0x061C, 0x180E, 0x2060, 0xFEFF),
        *range(0x200B, 0x2010),  # zero width, and marks of direction
        *range(0x202A, 0x202F),  # embeddings and overrides of direction
        *range(0x2066, 0x206A),  # isolates
    ]
)
_PLAIN = _INVISIBLE | {mark: mark - 0xFEE0 for mark in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width characters to the usual ones; invisible characters are removed."""
_LINK = re.compile(r"mailto:([^?]*)(\?.*)?", re.DOTALL)
_NAMED = re.compile(r"[^<>]*<([^<>]*)>\s*")


def is_placeholder(value: Any) -> bool:
    """Whether a value stands for "unknown": it is empty, zero, a dash, or a word such as "null"."""
    if type(value) is not str:
        if not isinstance(value, bool | int | float):
            return False
        value = str(value)
    rest = value.strip(_ZEROS)
    if not rest:
        return True
    if (rest[0] not in _STARTS and rest.isascii()) or len(value) > 40:  # fast path of most values
        return False
    text = value if value.isascii() else value.translate(_PLAIN)
    text = text.strip(_AROUND).casefold().replace("_", " ")
    return not text.strip(_ZEROS) or text in _WORDS or text.replace(".", "") in _WORDS


def plain_address(text: str) -> str:
    """Return an e-mail address in the form in which it is stored and looked up.

    Lower case, composed (NFC), without invisible characters, full-width forms, `mailto:` or the
    name before <the address>. The text need not be an address.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_PLAIN))
        text = unicodedata.normalize("NFC", text.casefold())
    text = text.strip().lower()
    if "<" in text and (match := _NAMED.fullmatch(text)):
        text = match[1].strip()
    if ":" in text and (link := _LINK.fullmatch(text)):
        text = link[1].strip()
    return text


def international_number(text: str, country: str) -> str | None:
    """Return a phone number in E.164, or None if it is none.

    `country` is the code (ISO 3166-1) of the country whose national numbers are understood, or "":
    then only numbers with + or 00 before the country's code are.
    """
    text = text.translate(_PLAIN).strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    is_international = text.startswith("+")
    fits = phonenumbers.is_possible_number if is_international else phonenumbers.is_valid_number
    if not fits(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
