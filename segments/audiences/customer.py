"""A member of a segment as networks see them: what may be used to match them, and their value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from segmenter.kernel.csv_writer import csv_lines


@dataclass(frozen=True)
class Customer:
    """What is known of a person. Empty or None: not known, or may not be used.

    Texts are as they are stored; each network brings them into its own form.
    """

    email: str = ""
    phone: str = ""
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    organization: str = ""
    title: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, in capitals; empty if what is stored is not understood."""
    zip: str = ""
    gender: str = ""
    """"f", "m" or empty: as the person stated it, never as it was predicted."""
    birth: date | None = None
    value: float | None = None
    """Predicted spend in the account's money; None if nothing is predicted."""


def line_of(cells: tuple[str, ...]) -> str:
    """Return a line of CSV without its end. Formulas are defused."""
    return csv_lines([cells]).decode().removesuffix("\r\n")
