"""What is shown beside one row or group of the builder's form."""

from __future__ import annotations

from dataclasses import dataclass

from segments.builder.form_data import form_name


@dataclass(frozen=True)
class Note:
    """A warning as the page shows it, with the fix of one press where there is one."""

    code: str
    pointer: str
    words: str
    level: str
    """"hint", "warning" or "error"."""
    fix: str = ""
    """What the button says."""
    definition: str = ""
    """JSON of the whole definition after the press."""
    link: str = ""
    """URL of what the words speak of."""

    @property
    def icon(self) -> str:
        return "info" if self.level == "hint" else "warning"

    @property
    def id(self) -> str:
        return f"{self.code}-{form_name(self.pointer) or 'whole'}"

    @property
    def name(self) -> str:
        """The name in the form of the condition or group that it is about."""
        return form_name(self.pointer)


@dataclass(frozen=True)
class Fault:
    """What is wrong at an input, and a fix of one press where there is one."""

    name: str
    """Of the input."""
    message: str
    fix: str = ""
    """What the button says."""
    at: str = ""
    sets: str = ""
    """JSON of the fields that the button sets at `at`."""


@dataclass(frozen=True)
class Report:
    """What is shown beside one row or group. `pointer` is its place in the form."""

    pointer: str
    inner: str
    count: int | None = None
    total: int = 0
    """How many people there are."""
    note: Note | None = None
    """The most important warning about it."""
    joint: Note | None = None
    """The most important warning about it and what stands before it."""
    missing: tuple[tuple[str, str], ...] = ()
    """(name of the input, label) of what is missing."""
    wrong: tuple[Fault, ...] = ()
    is_row: bool = True
    """Whether it is a member's, and not a group's or the whole's."""
    is_counted: bool = True
    """Whether a count stands beside it."""

    @property
    def share(self) -> str:
        """The count as a part of everyone, in thousandths; any people at all are visible."""
        return str(max(round(1000 * self.count / self.total), 5) if self.count else 0)

    @property
    def id(self) -> str:
        return form_name(self.pointer)

    @property
    def has_joint(self) -> bool:
        """Whether AND or OR stands before it."""
        return int(self.pointer.rpartition("/")[2] or 0) > 0
