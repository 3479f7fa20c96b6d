"""Queries for an account's people, events, metrics and lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from profiles.models import Event, List, ListMember, Metric, Profile, Property
from segmenter.accounts.models import Account
from segmenter.kernel.composed_text import spellings
from segmenter.kernel.errors import NotFound

_NAMES = ("first_name", "last_name")
MOST_PARTS = 5
"""Up to this number of words, each split into first and last name is tried."""


def people_of(account: Account) -> QuerySet[Profile]:
    return Profile.objects.filter(account=account)


def search_people(account: Account, words: str) -> QuerySet[Profile]:
    """People whose e-mail, name, external id or phone number begins with `words`; all for ""."""
    return people_of(account).filter(_begins(words))


def among(people: QuerySet[Profile], ids: Sequence[int]) -> QuerySet[Profile]:
    """Those of some people who have one of the ids, which may be many."""
    return people.extra(
        where=["profiles_profile.id = ANY(%s::bigint[])"],
        params=["{" + ",".join(map(str, ids)) + "}"],
    )


def _begins(words: str) -> Q:
    words = " ".join(filter(None, "".join(filter(_storable, words)).split()))
    if not words:
        return Q()
    condition = Q()
    for spelling in spellings(words):
        condition |= _begins_with(spelling)
    return condition


def _begins_with(words: str) -> Q:
    condition = Q(email__startswith=words.lower()) | Q(external_id__startswith=words)
    has_letters = any(c.isalpha() for c in words)
    if has_letters and "@" not in words:
        # Names are the expensive part: each is converted to upper case to be compared.
        for name in _NAMES:
            condition |= Q(**{f"{name}__istartswith": words})
    parts = words.split(" ") if has_letters else []
    for cut in range(1, min(len(parts), MOST_PARTS)):
        first, last = " ".join(parts[:cut]), " ".join(parts[cut:])
        for a, b in ((first, last), (last, first)):
            condition |= Q(first_name__istartswith=a, last_name__istartswith=b)
    digits = "".join(c for c in words if c in "+0123456789")
    if len(digits) >= 3 and not has_letters:
        condition |= Q(phone_number__startswith=digits)
        condition |= Q(phone_number__startswith=f"+{digits.lstrip('+')}")
    return condition


def _storable(character: str) -> bool:
    return character.isprintable() or character.isspace()


def find_by_identifier(account: Account, identifier: str) -> Profile | None:
    """The person with this e-mail, phone number, external or anonymous id, strongest first."""
    identifier = "".join(filter(str.isprintable, identifier)).strip()
    if not identifier:
        return None
    phone = "".join(c for c in identifier if c in "+0123456789")
    wheres = [Q(email=identifier.lower()), Q(external_id=identifier), Q(anonymous_id=identifier)]
    if phone and not any(c.isalpha() for c in identifier):
        wheres.insert(1, Q(phone_number=phone))
    for where in wheres:
        profile = people_of(account).filter(where).first()
        if profile is not None:
            return profile
    return None


def lists_of(account: Account) -> QuerySet[List]:
    return List.objects.filter(account=account)


def lists_with_sizes(account: Account) -> QuerySet[List]:
    """The account's lists by name, each with `size`, its number of people."""
    return lists_of(account).annotate(size=Count("members")).order_by("name")


def get_list(account: Account, key: str, *, locked: bool = False) -> List:
    """Return a list by its public key, with its row `locked` or not. Raises NotFound."""
    rows = lists_of(account).select_for_update() if locked else lists_of(account)
    row = rows.filter(key=key).first() if key.isalnum() else None
    if row is None:
        raise NotFound("The list")
    return row


def members_of(account: Account, group: List, words: str = "") -> QuerySet[ListMember]:
    """Who is on a list, each with their profile."""
    members = ListMember.objects.filter(account=account, list=group).select_related("profile")
    if words:
        members = members.filter(profile__in=search_people(account, words))
    return members


def metrics_of(account: Account) -> QuerySet[Metric]:
    return Metric.objects.filter(account=account)


def get_metric(account: Account, key: str) -> Metric:
    """Return a metric by its public key. Raises NotFound."""
    metric = metrics_of(account).filter(key=key).first() if key.isalnum() else None
    if metric is None:
        raise NotFound("The metric")
    return metric


@dataclass(frozen=True)
class MetricNumbers:
    """The counts of a metric."""

    events: int
    people: int
    received: datetime
    first: datetime
    """Time of the earliest event."""
    value: float | None
    """The sum of the events' values; None if none has any."""


def metric_numbers(account: Account, metric: Metric | None = None) -> dict[int, MetricNumbers]:
    """Numbers by metric id, of all metrics or one; metrics without events are absent."""
    only = "" if metric is None else "AND metric_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            # Two steps, as counting distinct people in one would sort all events.
            f"""SELECT metric_id, sum(events)::bigint, count(*), max(received), min(first),
                       sum(value)
                FROM (
                    SELECT metric_id, profile_id, count(*) AS events, max(received) AS received,
                           min(time) AS first, sum(value) AS value
                    FROM profiles_event WHERE account_id = %s {only}
                    GROUP BY metric_id, profile_id) AS by_person
                GROUP BY metric_id""",
            [account.pk] if metric is None else [account.pk, metric.pk],
        )
        return {row[0]: MetricNumbers(*row[1:]) for row in cursor.fetchall()}


def events_of(
    account: Account, *, profile: Profile | None = None, metric: Metric | None = None
) -> QuerySet[Event]:
    """Events of the account, of one person or one metric, each with its metric and person."""
    events = Event.objects.filter(account=account).select_related("metric", "profile")
    if profile is not None:
        events = events.filter(profile=profile)
    if metric is not None:
        events = events.filter(metric=metric)
    return events


@dataclass(frozen=True)
class MetricActivity:
    """A person's events of one metric: their number, and the last time."""

    metric: Metric
    events: int
    last: datetime


def activity_of(account: Account, profile: Profile) -> list[MetricActivity]:
    """A person's metrics, the most recent first."""
    rows = (
        Event.objects.filter(account=account, profile=profile)
        .values("metric_id")
        .annotate(events=Count("pk"), last=Max("time"))
        .order_by("-last")
    )
    counts: list[Any] = list(rows)
    metrics = metrics_of(account).in_bulk([row["metric_id"] for row in counts])
    return [
        MetricActivity(metrics[row["metric_id"]], row["events"], row["last"])
        for row in counts
        if row["metric_id"] in metrics
    ]


def properties_of(account: Account, metric: Metric | None) -> QuerySet[Property]:
    """Which properties occur on a metric's events (on profiles, without one), by name."""
    return Property.objects.filter(account=account, metric=metric).order_by("name")
