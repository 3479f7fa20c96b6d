"""The forms in which networks want texts before they are hashed. Pure.

Each function returns "" for what has no such form, so that it is left empty and not hashed wrongly.
Which network wants which, with its source, is said in `networks/`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

import phonenumbers

from profiles.places.text import unaccented

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_US_ZIP = re.compile(r"([0-9]{3,5})(?:[- ]?[0-9]{4})?")
_UK_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])[A-Z]{2}")
_UK_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_BRITISH = frozenset({"GB", "GG", "IM", "JE"})
_PREFIXES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame"})
_REPEATED = 10_000
"""Names, cities and postcodes whose form is remembered: the same ones come again and again."""
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"})


def sha256(text: str) -> str:
    """Return the hash of a normal form: 64 small hexadecimal digits, "" of ""."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def plain(text: str) -> str:
    """Return a text without spaces around it or runs of them in it, one way of writing accents."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def email(text: str) -> str:
    """Return an e-mail address in small letters and without spaces; dots and "+" stay."""
    address = "".join(unicodedata.normalize("NFC", text).lower().split())
    name, at, host = address.rpartition("@")
    return address if at and name and "@" not in name and "." in host.strip(".") else ""


def google_email(text: str) -> str:
    """Return `email`; of gmail.com and googlemail.com without dots and "+" with what follows."""
    address = email(text)
    name, _, host = address.rpartition("@")
    if host not in _GMAIL:
        return address
    name = name.partition("+")[0].replace(".", "")
    return f"{name}@{host}" if name else ""


def phone(text: str, country: str = "") -> str:
    """Return a phone number in E.164, with its plus.

    A number without its country's code is read as one of `country` (alpha-2).
    """
    if _E164.fullmatch(text) and not _has_trunk_zero(text):
        return text
    digits = text.strip()
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    try:
        number = phonenumbers.parse(digits, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _has_trunk_zero(number: str) -> bool:
    """Whether a 0 follows the country's code: it is only dialled at home, but for Italy's."""
    return any(
        int(number[1:end]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and number[end] == "0"
        for end in (2, 3, 4)
    )


def phone_digits(text: str, country: str = "") -> str:
    """Return the digits of `phone`: the country's code first, no plus and no leading zeros."""
    return phone(text, country).removeprefix("+")


@lru_cache(_REPEATED)
def letters(text: str) -> str:
    """Return the letters of a text, small and with their accents: no spaces, digits or signs."""
    small = unicodedata.normalize("NFC", text.lower())
    return "".join(sign for sign in small if unicodedata.category(sign)[0] in "LM")


@lru_cache(_REPEATED)
def plain_letters(text: str) -> str:
    """Return the letters of a text, small and without accents; other alphabets stay as they are."""
    small = unaccented(unicodedata.normalize("NFKC", text))
    return "".join(sign for sign in small if unicodedata.category(sign)[0] in "LM")


def given_name(text: str) -> str:
    """Return a first name in small letters with single spaces and without "Mrs" or "Dr"."""
    words = plain(text).lower().split()
    while len(words) > 1 and words[0].rstrip(".") in _PREFIXES:
        del words[0]
    return " ".join(words)


def family_name(text: str) -> str:
    """Return a last name in small letters without signs, and without "Jr" or "III"."""
    small = unicodedata.normalize("NFC", text.lower())
    words = "".join(sign for sign in small if unicodedata.category(sign)[0] in "LMNZ").split()
    while len(words) > 1 and words[-1] in _SUFFIXES:
        del words[-1]
    return " ".join(words)


@lru_cache(_REPEATED)
def postcode(text: str, country: str) -> str:
    """Return a postcode in small letters without spaces or hyphens.

    Of the United States the first five digits, of the United Kingdom area, district and sector
    ("SW1A 1AA" is "sw1a1").
    """
    code = "".join(unicodedata.normalize("NFKC", text).upper().split())
    code = code.removeprefix(f"{country}-") if country else code
    if country == "US":
        match = _US_ZIP.fullmatch(code)
        return match.group(1).zfill(5) if match else ""
    if country in _BRITISH:
        whole = _UK_POSTCODE.fullmatch(code)
        if whole:
            return "".join(whole.groups()).lower()
        return code.lower() if _UK_OUTWARD.fullmatch(code) else ""
    return "".join(sign for sign in code.lower() if sign.isalnum())


def money(value: float | None) -> str:
    """Return an amount with two decimals, never below 0; "" for none."""
    return "" if value is None else f"{max(value, 0.0):.2f}"
