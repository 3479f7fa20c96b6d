"""What can be done with a segment, and what was done with it: rooms register here what they offer.

The button "Use" on a segment's pages and the tab of the same name show all of it. A room adds its
own in its `extensions.py`; the tab knows none of them.
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
    """One sentence that says what comes of it."""
    icon: str
    """Name of an icon in `templates/_icon.html`."""
    url: str
    """Name of the address of its page; takes the segment's key."""
    rank: int
    """Smaller is higher."""
    role: Role = Role.MARKETER
    """The least role that may do it."""


@dataclass(frozen=True)
class UseRecord:
    """Something that was done with a segment, or goes on: a row of the tab's table."""

    kind: str | Promise
    """Such as "Export"."""
    text: str
    """What exactly: the file's name, the list, the network."""
    state: str | Promise
    level: str
    """Colour of the state's badge: "good", "warn", "bad" or "" for neutral."""
    at: datetime
    by: str
    """Name or e-mail address of who did it; empty for what runs by itself."""
    url: str
    """Address of its page; empty if it has none."""


uses: Registry[Use] = Registry("use of a segment")


def uses_for(role: Role) -> list[Use]:
    """Return what somebody with this role may do, by rank."""
    allowed = [use for _name, use in uses.items() if role.allows(use.role)]
    return sorted(allowed, key=lambda use: use.rank)


UseRecords = Callable[[Segment, int], Iterable[UseRecord]]
"""Takes a segment and how many are wanted; returns the latest of its kind."""

use_records: Registry[UseRecords] = Registry("kind of records of uses")


def latest_records(segment: Segment, most: int) -> list[UseRecord]:
    """Return the latest records of all kinds, newest first, at most `most`."""
    records = [record for _name, read in use_records.items() for record in read(segment, most)]
    return sorted(records, key=lambda record: record.at, reverse=True)[:most]
