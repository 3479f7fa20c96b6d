"""What would be needed for a condition to be met by somebody.

Plain data that each kind fills from its own steps; each need says itself in the active language and
the active time zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.formats import localize
from django.utils.translation import gettext, ngettext

from segments.definition import words


@dataclass(frozen=True)
class Need:
    """One thing that is needed."""

    def phrase(self) -> str:
        """The need in words, to be read after "Needed:"."""
        raise NotImplementedError


@dataclass(frozen=True)
class MustSet(Need):
    """Something must be known at all."""

    name: str

    def phrase(self) -> str:
        return gettext("%(name)s must be set") % {"name": self.name}


@dataclass(frozen=True)
class MustPass(Need):
    """Something must be otherwise than it is."""

    name: str
    test: str

    def phrase(self) -> str:
        template = gettext("it must hold that %(name)s %(test)s")
        return template % {"name": self.name, "test": self.test}


@dataclass(frozen=True)
class EventNeed(Need):
    """Something must happen: events of a metric."""

    metric: str
    where: str = field(default="", kw_only=True)
    """The filters of the events."""
    until: datetime | None = field(default=None, kw_only=True)
    """From here on more is needed."""

    def phrase(self) -> str:
        parts = [self.events()]
        if self.where:
            parts.append(gettext("where %(tests)s") % {"tests": self.where})
        if self.until:
            parts.append(gettext("before %(time)s") % {"time": words.minute(self.until)})
        return " ".join(parts)

    def events(self) -> str:
        """Which events, whatever their filters and their time."""
        raise NotImplementedError


@dataclass(frozen=True)
class MoreEvents(EventNeed):
    """So many more events of a metric must happen."""

    amount: int
    distinct: str = ""
    """The name of the property whose values must be new ones."""

    def events(self) -> str:
        if self.distinct:
            template = ngettext(
                "%(metric)s with %(n)s more different value of %(property)s",
                "%(metric)s with %(n)s more different values of %(property)s",
                self.amount,
            )
        else:
            template = ngettext("%(n)s more %(metric)s", "%(n)s more %(metric)s", self.amount)
        n = localize(self.amount)
        return template % {"n": n, "metric": self.metric, "property": self.distinct}


@dataclass(frozen=True)
class MoreValue(EventNeed):
    """Events must bring so much more in a number."""

    amount: float
    property: str
    exceeds: bool
    """Whether it must be more than the amount, and not just as much."""

    def events(self) -> str:
        if self.exceeds:
            template = gettext(
                "more than %(amount)s more in the %(property)s of %(metric)s in total"
            )
        else:
            template = gettext("%(amount)s more in the %(property)s of %(metric)s in total")
        amount = words.number(self.amount)
        return template % {"amount": amount, "property": self.property, "metric": self.metric}


@dataclass(frozen=True)
class OneEvent(EventNeed):
    """One event with a certain number must happen."""

    property: str
    test: str

    def events(self) -> str:
        template = gettext("one %(metric)s whose %(property)s %(test)s")
        return template % {"metric": self.metric, "property": self.property, "test": self.test}


@dataclass(frozen=True)
class NextStep(EventNeed):
    """The next step of a chain must be done."""

    def events(self) -> str:
        return gettext("as the next step %(metric)s") % {"metric": self.metric}


@dataclass(frozen=True)
class TooLate(Need):
    """Nothing can be done any more."""

    ended: datetime

    def phrase(self) -> str:
        template = gettext("nothing can be done any more: the time ended on %(time)s")
        return template % {"time": words.minute(self.ended)}


@dataclass(frozen=True)
class MustSubscribe(Need):
    channel: str

    def phrase(self) -> str:
        template = gettext("must subscribe to marketing by %(channel)s")
        return template % {"channel": self.channel}


@dataclass(frozen=True)
class MustUnsubscribe(Need):
    channel: str

    def phrase(self) -> str:
        template = gettext("must unsubscribe from marketing by %(channel)s")
        return template % {"channel": self.channel}


@dataclass(frozen=True)
class MustNotBeSuppressed(Need):
    channel: str

    def phrase(self) -> str:
        template = gettext("the suppression on %(channel)s must be lifted")
        return template % {"channel": self.channel}


@dataclass(frozen=True)
class MustJoin(Need):
    """One of the lists or segments must be entered."""

    groups: tuple[str, ...]

    def phrase(self) -> str:
        if len(self.groups) == 1:
            template = gettext("must be in %(groups)s")
        else:
            template = gettext("must be in one of these: %(groups)s")
        return template % {"groups": words.either(self.groups)}


@dataclass(frozen=True)
class MustLeave(Need):
    """All of the lists or segments must be left."""

    groups: tuple[str, ...]

    def phrase(self) -> str:
        template = gettext("must not be in %(groups)s any more")
        return template % {"groups": words.neither(self.groups)}
