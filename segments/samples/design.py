"""What a sample is to be: how many, of whom, in which groups; and what cannot be. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from django.utils.translation import gettext as _

from profiles.models import Channel
from segmenter.kernel.errors import Invalid, Problem
from segments.definition.paths import parse_path, write_path
from segments.models import Sample

CONTROL = "control"
"""A group of this name is the control, in any case."""
MOST_GROUPS = 26
MOST_SEED = 2**53
MOST_PEOPLE = 2**31 - 1
MOST_WEIGHT = 1_000_000
MOST_GROUP_NAME = 60
PERCENT_PLACES = 4


@dataclass(frozen=True)
class GroupDesign:
    """One group of a sample: its name and its share, in proportion to the other groups'."""

    name: str = ""
    weight: int = 1
    is_control: bool = False


@dataclass(frozen=True)
class SampleDesign:
    """A sample that somebody asks for. `check` says whether it can be."""

    number: int | None = None
    percent: Decimal | None = None
    """One of the two."""
    at_least: int = 0
    seed: int | None = None
    """Without one, it follows from the segment and the name of the list (see `default_seed`)."""
    stratify: str = ""
    """A property's path or plain name; empty for none."""
    channel: str = ""
    """Draw only who can be reached on it; empty: everyone."""
    groups: tuple[GroupDesign, ...] = field(default=(GroupDesign(),))
    excluding: Sample | None = None
    """A sample whose people are left out."""

    def check(self) -> None:
        """Raises Invalid with everything that is wrong."""
        problems = list(self._problems())
        if problems:
            raise Invalid(*problems)

    def _problems(self) -> Iterator[Problem]:
        if (self.number is None) == (self.percent is None):
            yield Problem("/number", "required", _("Say a number of people or a percentage."))
        if self.number is not None and not 1 <= self.number <= MOST_PEOPLE:
            message = _("The number of people must be from 1 to %(most)d.") % {"most": MOST_PEOPLE}
            yield Problem("/number", "invalid", message)
        if self.percent is not None and not 0 < self.percent <= 100:
            yield Problem("/percent", "invalid", _("The percentage must be more than 0, to 100."))
        elif self.percent is not None and round(self.percent, PERCENT_PLACES) != self.percent:
            message = _("The percentage has at most %(n)d decimals.") % {"n": PERCENT_PLACES}
            yield Problem("/percent", "invalid", message)
        if not 0 <= self.at_least <= MOST_PEOPLE:
            yield Problem("/at_least", "invalid", _("The least number cannot be below 0."))
        if self.seed is not None and not 0 <= self.seed <= MOST_SEED:
            message = _("The seed must be a whole number from 0 to %(most)d.") % {"most": MOST_SEED}
            yield Problem("/seed", "invalid", message)
        if self.stratify and property_path(self.stratify) is None:
            yield Problem("/stratify", "invalid", _("There is no such property."))
        if self.channel and self.channel not in Channel.values:
            yield Problem("/channel", "invalid", _("There is no such channel."))
        yield from self._group_problems()

    def _group_problems(self) -> Iterator[Problem]:
        names = [group.name.casefold() for group in self.groups]
        if not 1 <= len(names) <= MOST_GROUPS:
            message = _("A sample has 1 to %(most)d groups.") % {"most": MOST_GROUPS}
            yield Problem("/groups", "invalid", message)
        if len(set(names)) < len(names) or (len(names) > 1 and "" in names):
            yield Problem("/groups", "invalid", _("Each group needs a name of its own."))
        if any(len(name) > MOST_GROUP_NAME or not name.isprintable() for name in names):
            message = _("A group’s name has at most %(most)d characters, and no line breaks.")
            yield Problem("/groups", "invalid", message % {"most": MOST_GROUP_NAME})
        if any(not 1 <= group.weight <= MOST_WEIGHT for group in self.groups):
            message = _("A group’s share must be a whole number from 1 to %(most)d.")
            yield Problem("/groups", "invalid", message % {"most": MOST_WEIGHT})


def property_path(text: str) -> str | None:
    """Return the path of a property that is named by its path or plainly; None if nothing is.

    What is no path is the name of one of the shop's own properties, or a part of the location.
    """
    text = text.strip()
    if not text or not text.isprintable() or len(text) > 200:
        return None
    if parse_path(text) is not None:
        return text
    location = f"location['{text}']"
    if text.isidentifier() and parse_path(location) is not None:
        return location
    return write_path(text)


def split_groups(text: str) -> tuple[GroupDesign, ...]:
    """Read groups as "A,B,control" or "A:45,B:45,control:10"; one called control is the control.

    Raises Invalid for a group without a name, or a share that is no whole number.
    """
    groups = []
    for item in text.split(","):
        name, colon, share = item.rpartition(":")
        if not colon:
            name, share = item, "1"
        name, share = name.strip(), share.strip()
        if not (name and share.isascii() and share.isdecimal() and len(share) < 10):
            message = _("“%(text)s” is no group: write NAME or NAME:SHARE.") % {
                "text": item.strip()
            }
            raise Invalid(Problem("/groups", "invalid", message))
        groups.append(GroupDesign(name, int(share), name.casefold() == CONTROL))
    return tuple(groups)


def default_seed(segment_key: str, list_name: str) -> int:
    """Return the seed of a sample for which none was given: of 32 bits, always the same."""
    digest = sha256(f"{segment_key}\x1f{list_name.strip()}".encode()).digest()
    return int.from_bytes(digest[:4])


def list_name_of(name: str, group: GroupDesign) -> str:
    """Return what a group's list is called: the sample's name, and the group's if it has one."""
    return f"{name.strip()} - {group.name}" if group.name else name.strip()
