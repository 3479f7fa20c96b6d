"""What can be done with a segment's members, and a log of it: rooms register their uses here.

The button "Use" on a segment's pages and the tab of the same name show all of them. A room
registers its own in its `extensions.py`; the tab knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from segmenter.accounts.models import Role
from segmenter.kernel.registry import Registry
from segments.models import Segment


@dataclass(frozen=True)
class Use:
    """An action on the members of a segment: an item of the button, a card on the tab."""

    label: str | Promise
    text: str | Promise
    """One sentence about the result."""
    icon: str
    """Name of an icon in `templates/_icon.html`."""
    url: str
    """Name of the URL of its page, which takes the segment's key."""
    rank: int
    """Smaller is higher."""
    role: Role = Role.MARKETER
    """The lowest role that may do it."""


@dataclass(frozen=True)
class UseRecord:
    """One use of a segment, finished or running: a row of the tab's table."""

    kind: str | Promise
    """Such as "Export"."""
    text: str
    """Details: the file's name, the list, the network."""
    state: str | Promise
    level: str
    """Colour of the state's badge: "good", "warn", "bad" or "" for neutral."""
    at: datetime
    by: str
    """Name or e-mail address of the person; empty for automatic uses."""
    url: str
    """URL of its page; empty if it has none."""


uses: Registry[Use] = Registry("use of a segment")


def uses_for(role: Role) -> list[Use]:
    """Return the uses that are permitted to a role, by rank."""
    allowed = [use for _name, use in uses.items() if role.allows(use.role)]
    return sorted(allowed, key=lambda use: use.rank)


UseRecords = Callable[[Segment, int], Iterable[UseRecord]]
"""Takes a segment and a limit; returns the latest records of its kind."""

use_records: Registry[UseRecords] = Registry("kind of records of uses")


def latest_records(segment: Segment, most: int) -> list[UseRecord]:
    """Return the latest records of all kinds, newest first, at most `most`."""
    records = [record for _name, read in use_records.items() for record in read(segment, most)]
    return sorted(records, key=lambda record: record.at, reverse=True)[:most]
