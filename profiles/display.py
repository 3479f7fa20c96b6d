"""What a page shows of stored values: JSON as words, consent as a state. Touches no database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles import reachability
from profiles.ingest.checks import json_type
from profiles.models import (
    Channel,
    Consent,
    ConsentStatus,
    Event,
    Profile,
    Suppression,
)
from profiles.reachability import has_begun

MOST_ITEMS = 20
MOST_LENGTH = 400
KINDS = {
    "text": gettext_lazy("text"),
    "date": gettext_lazy("date"),
    "number": gettext_lazy("number"),
    "boolean": gettext_lazy("yes or no"),
    "list": gettext_lazy("list"),
    "object": gettext_lazy("object"),
    "unset": gettext_lazy("unset"),
}


@dataclass(frozen=True)
class Value:
    """A property as shown: `kind` is one of KINDS."""

    name: str
    kind: str
    text: str
    items: list[str] = field(default_factory=list)
    more: int = 0
    """How many items are left out."""

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.kind])


def values(properties: Mapping[str, Any]) -> list[Value]:
    """Properties by name, without regard to case."""
    return [value(name, properties[name]) for name in sorted(properties, key=str.casefold)]


def value(name: str, said: Any) -> Value:
    """A JSON value in the words of the current language."""
    if isinstance(said, list):
        items = [words(item) for item in said[:MOST_ITEMS]]
        return Value(name, "list", "", items, len(said) - len(items))
    if isinstance(said, Mapping):
        return Value(name, "object", _cut(json.dumps(said, ensure_ascii=False, indent=2)))
    if isinstance(said, bool):
        return Value(name, "boolean", words(said))
    if isinstance(said, int | float):
        return Value(name, "number", words(said))
    return Value(name, "unset" if said is None else json_type(said), words(said))


def words(said: Any) -> str:
    """A JSON value on one line."""
    if said is None:
        return "—"
    if isinstance(said, bool):
        return _("yes") if said else _("no")
    if isinstance(said, int):
        # Years and order numbers are not amounts: four and more digits stay together.
        return str(said)
    if isinstance(said, float):
        return str(number_format(Decimal(f"{said:.15g}")))
    if isinstance(said, str):
        return _cut(said)
    return _cut(json.dumps(said, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LENGTH else text[: MOST_LENGTH - 1] + "…"


def summary(event: Event, most: int = 3) -> Iterator[tuple[str, str]]:
    """The first few simple properties of an event, as names and words."""
    simple = (
        (name, words(said))
        for name, said in sorted(event.properties.items())
        if isinstance(said, str | int | float) and not name.startswith("$") and str(said)
    )
    for _number, (name, text) in zip(range(most), simple, strict=False):
        yield name, text if len(text) <= 40 else text[:39] + "…"


@dataclass(frozen=True)
class ChannelState:
    """Where a person stands on one channel."""

    channel: Channel
    consent: Consent | None
    suppressions: list[Suppression]
    reachable: bool
    """Whether marketing may be sent to them."""

    @property
    def level(self) -> str:
        """The colour of it: good, bad or none."""
        if self.suppressions or self.status == ConsentStatus.UNSUBSCRIBED:
            return "bad"
        agreed = self.reachable and self.status == ConsentStatus.SUBSCRIBED
        return "good" if agreed else ""

    @property
    def status(self) -> ConsentStatus:
        return (
            ConsentStatus(self.consent.status) if self.consent else ConsentStatus.NEVER_SUBSCRIBED
        )

    @property
    def says_something(self) -> bool:
        """Whether anything is stored about the channel."""
        return self.consent is not None or bool(self.suppressions)

    @property
    def label(self) -> str:
        if self.suppressions:
            return _("Suppressed")
        return str(self.status.label)


def standings(
    profile: Profile,
    consents: Iterable[Consent],
    suppressions: Iterable[Suppression],
    at: datetime,
) -> dict[Channel, ChannelState]:
    """A person's standing on every channel at a moment; what is dated later is not yet."""
    given = {Channel(c.channel): c for c in consents if has_begun(c.status_date, at)}
    against: dict[Channel, list[Suppression]] = defaultdict(list)
    for one in suppressions:
        if has_begun(one.date, at):
            against[Channel(one.channel)].append(one)
    return {
        channel: ChannelState(
            channel,
            given.get(channel),
            against[channel],
            _can_receive(profile, channel, given.get(channel), against[channel]),
        )
        for channel in Channel
    }


def _can_receive(
    profile: Profile, channel: Channel, consent: Consent | None, against: list[Suppression]
) -> bool:
    """Of a consent and suppressions that have begun."""
    address = reachability.ADDRESS.get(channel)
    status, stated = (consent.status, consent.reachability) if consent else (None, None)
    return reachability.can_receive(
        channel,
        reachability.status_of(status, begun=True),
        reachability.stated_reach(stated, begun=True),
        address is not None and getattr(profile, address) is not None,
        bool(against),
    )


def samples(events: Iterable[Mapping[str, Any]], most: int = 5) -> dict[str, list[str]]:
    """Different values of each property (items, of lists), the first ones met, as words."""
    found: dict[str, list[str]] = defaultdict(list)
    for properties in events:
        for name, said in properties.items():
            for item in said if isinstance(said, list) else [said]:
                text = words(item)
                text = text if len(text) <= 60 else text[:59] + "…"
                if item is not None and len(found[name]) < most and text not in found[name]:
                    found[name].append(text)
    return found
