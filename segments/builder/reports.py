"""What is told beside one row or group of the builder's form."""

from __future__ import annotations

from dataclasses import dataclass

from segments.builder.form_data import form_name


@dataclass(frozen=True)
class LeftOut:
    """People that a condition leaves out because something is unset."""

    count: int
    words: str
    including: str
    """JSON of the condition that lets them in; empty if there is none."""


@dataclass(frozen=True)
class Report:
    """What is told beside one row or group. `pointer` is its place in the form."""

    pointer: str
    inner: str
    count: int | None = None
    left_out: LeftOut | None = None
    missing: tuple[tuple[str, str], ...] = ()
    """(name of the input, label) of what is still to be said."""
    wrong: tuple[tuple[str, str], ...] = ()
    """(name of the input, message) of what cannot be so."""

    is_row: bool = True
    """Whether it is a member's, and not a group's or the whole's."""
    is_counted: bool = True
    """Whether a count stands beside it."""

    @property
    def id(self) -> str:
        return form_name(self.pointer)
