"""Registries of the status page's sections and of `/metrics`; rooms add theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import ngettext
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from segmenter.accounts.models import Account
from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class Trouble:
    """A problem and advice what to do about it: a sentence each.

    Screen readers announce every change of them: changing numbers belong on the card.
    """

    level: Literal["warn", "bad"]
    what: str
    advice: str


@dataclass(frozen=True)
class SectionContent:
    """The content of a section at one moment."""

    context: Mapping[str, Any]
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True)
class Section:
    """A card on the page.

    `read(account, at)` must return that account's data only. The template gets the content as
    `content`, with `account`, `at` and `may_write`. The card is rendered again every few seconds
    if it has changed: focusable elements need an id, so that they keep the focus, and the card
    must not contain a CSRF token, which changes each time (buttons use a form outside: form="...").
    """

    title: str | Promise
    template: str
    rank: int
    """Smaller is higher."""
    read: Callable[[Account, datetime], SectionContent]
    width: Literal["whole", "half", "third"] = "third"
    """How much of a line of the page it takes."""


sections: Registry[Section] = Registry("section of the page of status")
"""Filled in each app's AppConfig.ready."""

gauges: Registry[Callable[[datetime], Iterable[Metric]]] = Registry("family of metrics")
"""Each is called at every scrape, for all accounts at once, and must be cheap."""


@dataclass(frozen=True)
class Card:
    """A section with its content."""

    name: str
    section: Section
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Status:
    """The whole page at one moment, and all problems, the worst first."""

    at: datetime
    cards: list[Card]
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def level(self) -> str:
        """good, warn or bad."""
        return self.troubles[0].level if self.troubles else "good"


def status_of(account: Account, at: datetime) -> Status:
    """Read every section for an account."""
    cards: list[Card] = []
    troubles: list[Trouble] = []
    for name, section in sorted(sections.items(), key=lambda item: item[1].rank):
        content = section.read(account, at)
        cards.append(Card(name, section, content.context))
        troubles += content.troubles
    return Status(at, cards, sorted(troubles, key=lambda trouble: trouble.level != "bad"))


def in_words(duration: timedelta) -> str:
    """A duration in words: seconds under two minutes, then the two largest units."""
    seconds = max(int(duration.total_seconds()), 0)
    if seconds < 120:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    epoch = datetime(2001, 1, 1)  # noqa: DTZ001 - only the distance counts
    return timesince(epoch, epoch + timedelta(seconds=seconds))


def gauge_by_account(
    name: str, text: str, values: dict[int, float], *, slugs: dict[int, str]
) -> Metric:
    """A gauge with the account's slug as its label; accounts that are not in `values` are 0."""
    family = GaugeMetricFamily(name, text, labels=["account"])
    for account_id, slug in slugs.items():
        family.add_metric([slug], values.get(account_id, 0))
    return family


def account_slugs() -> dict[int, str]:
    """Account id to slug, of all accounts."""
    return dict(Account.objects.order_by("slug").values_list("pk", "slug"))


def count_by_account(rows: QuerySet[Any]) -> dict[int, float]:
    """Account id to its number of rows."""
    counts = rows.order_by().values_list("account").annotate(n=Count("pk"))
    return {account_id: float(count) for account_id, count in counts}
