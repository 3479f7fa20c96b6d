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
    """A property for display: `kind` is one of KINDS."""

    name: str
    kind: str
    text: str
    items: list[str] = field(default_factory=list)
    more: int = 0
    """Number of items that are not displayed."""

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.kind])


def values(properties: Mapping[str, Any]) -> list[Value]:
    """Properties by name, without regard to case."""
    return [value(name, properties[name]) for name in sorted(properties, key=str.casefold)]


def value(name: str, content: Any) -> Value:
    """A JSON value in the words of the current language."""
    if isinstance(content, list):
        items = [words(item) for item in content[:MOST_ITEMS]]
        return Value(name, "list", "", items, len(content) - len(items))
    if isinstance(content, Mapping):
        return Value(name, "object", _cut(json.dumps(content, ensure_ascii=False, indent=2)))
    if isinstance(content, bool):
        return Value(name, "boolean", words(content))
    if isinstance(content, int | float):
        return Value(name, "number", words(content))
    return Value(name, "unset" if content is None else json_type(content), words(content))


def words(content: Any) -> str:
    """A JSON value on one line."""
    if content is None:
        return "—"
    if isinstance(content, bool):
        return _("yes") if content else _("no")
    if isinstance(content, int):
        # No thousands separator: years and order numbers are not amounts.
        return str(content)
    if isinstance(content, float):
        return str(number_format(Decimal(f"{content:.15g}")))
    if isinstance(content, str):
        return _cut(content)
    return _cut(json.dumps(content, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LENGTH else text[: MOST_LENGTH - 1] + "…"


def summary(event: Event, most: int = 3) -> Iterator[tuple[str, str]]:
    """The first few simple properties of an event, as names and words."""
    simple = (
        (name, words(content))
        for name, content in sorted(event.properties.items())
        if isinstance(content, str | int | float) and not name.startswith("$") and str(content)
    )
    for _number, (name, text) in zip(range(most), simple, strict=False):
        yield name, text if len(text) <= 40 else text[:39] + "…"


@dataclass(frozen=True)
class ChannelState:
    """The state of a person's channel: consent, suppressions, reachability."""

    channel: Channel
    consent: Consent | None
    suppressions: list[Suppression]
    reachable: bool
    """Whether marketing may be sent to them."""

    @property
    def level(self) -> str:
        """Its CSS class: good, bad or none."""
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
    def has_data(self) -> bool:
        """Whether anything is stored about the channel."""
        return self.consent is not None or bool(self.suppressions)

    @property
    def label(self) -> str:
        if self.suppressions:
            return _("Suppressed")
        return str(self.status.label)


def channel_states(
    profile: Profile,
    consents: Iterable[Consent],
    suppressions: Iterable[Suppression],
    at: datetime,
) -> dict[Channel, ChannelState]:
    """The state of each of a person's channels at a moment; later dates are ignored."""
    current_consents = {Channel(c.channel): c for c in consents if has_begun(c.status_date, at)}
    against: dict[Channel, list[Suppression]] = defaultdict(list)
    for suppression in suppressions:
        if has_begun(suppression.date, at):
            against[Channel(suppression.channel)].append(suppression)
    return {
        channel: ChannelState(
            channel,
            current_consents.get(channel),
            against[channel],
            _can_receive(profile, channel, current_consents.get(channel), against[channel]),
        )
        for channel in Channel
    }


def _can_receive(
    profile: Profile, channel: Channel, consent: Consent | None, against: list[Suppression]
) -> bool:
    """Whether a person can receive messages; consent and suppressions must have begun."""
    address = reachability.ADDRESS.get(channel)
    status, stated = (consent.status, consent.reachability) if consent else (None, None)
    return reachability.can_receive(
        channel,
        reachability.status_of(status, is_current=True),
        reachability.stated_reach(stated, is_current=True),
        address is not None and getattr(profile, address) is not None,
        bool(against),
    )


def samples(events: Iterable[Mapping[str, Any]], most: int = 5) -> dict[str, list[str]]:
    """The first distinct values of each property (items of lists), as words."""
    texts: dict[str, list[str]] = defaultdict(list)
    for properties in events:
        for name, content in properties.items():
            for item in content if isinstance(content, list) else [content]:
                text = words(item)
                text = text if len(text) <= 60 else text[:59] + "…"
                if item is not None and len(texts[name]) < most and text not in texts[name]:
                    texts[name].append(text)
    return texts
