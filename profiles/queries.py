"""Looking up an account's people, events, metrics and lists for pages. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from profiles.models import Event, List, ListMember, Metric, Profile, Property
from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound

_NAMES = ("first_name", "last_name")
MOST_PARTS = 5
"""Words of a name that are tried as first and last name in every way."""


def people_of(account: Account) -> QuerySet[Profile]:
    return Profile.objects.filter(account=account)


def search_people(account: Account, words: str) -> QuerySet[Profile]:
    """Whose e-mail, name, external id or phone number begins with these words; all without any."""
    return people_of(account).filter(_begins(words))


def _begins(words: str) -> Q:
    words = " ".join(filter(None, "".join(filter(_storable, words)).split()))
    if not words:
        return Q()
    found = Q(email__startswith=words.lower()) | Q(external_id__startswith=words)
    has_letters = any(c.isalpha() for c in words)
    if has_letters and "@" not in words:
        # Names are the dear part: every one is put into capitals to be compared.
        for name in _NAMES:
            found |= Q(**{f"{name}__istartswith": words})
    parts = words.split(" ") if has_letters else []
    for cut in range(1, min(len(parts), MOST_PARTS)):
        first, last = " ".join(parts[:cut]), " ".join(parts[cut:])
        for a, b in ((first, last), (last, first)):
            found |= Q(first_name__istartswith=a, last_name__istartswith=b)
    digits = "".join(c for c in words if c in "+0123456789")
    if len(digits) >= 3 and not has_letters:
        found |= Q(phone_number__startswith=digits)
        found |= Q(phone_number__startswith=f"+{digits.lstrip('+')}")
    return found


def _storable(character: str) -> bool:
    return character.isprintable() or character.isspace()


def find_exactly(account: Account, said: str) -> Profile | None:
    """The person with this e-mail, phone number, external or anonymous id, strongest first."""
    said = "".join(filter(str.isprintable, said)).strip()
    if not said:
        return None
    phone = "".join(c for c in said if c in "+0123456789")
    wheres = [Q(email=said.lower()), Q(external_id=said), Q(anonymous_id=said)]
    if phone and not any(c.isalpha() for c in said):
        wheres.insert(1, Q(phone_number=phone))
    for where in wheres:
        found = people_of(account).filter(where).first()
        if found is not None:
            return found
    return None


def lists_of(account: Account) -> QuerySet[List]:
    return List.objects.filter(account=account)


def lists_with_sizes(account: Account) -> QuerySet[List]:
    """The account's lists by name, each with `size`, its number of people."""
    return lists_of(account).annotate(size=Count("members")).order_by("name")


def get_list(account: Account, key: str, *, locked: bool = False) -> List:
    """Return a list by its public key, its row locked if asked. Raises NotFound."""
    rows = lists_of(account).select_for_update() if locked else lists_of(account)
    found = rows.filter(key=key).first() if key.isalnum() else None
    if found is None:
        raise NotFound("The list")
    return found


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
    found = metrics_of(account).filter(key=key).first() if key.isalnum() else None
    if found is None:
        raise NotFound("The metric")
    return found


@dataclass(frozen=True)
class MetricNumbers:
    """How much of a metric there is."""

    events: int
    people: int
    received: datetime


def metric_numbers(account: Account, metric: Metric | None = None) -> dict[int, MetricNumbers]:
    """Numbers by the metric's id, of all metrics or one; those without events are missing."""
    only = "" if metric is None else "AND metric_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            # Two steps, as counting distinct people in one would sort all events.
            f"""SELECT metric_id, sum(events)::bigint, count(*), max(received) FROM (
                    SELECT metric_id, profile_id, count(*) AS events, max(received) AS received
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
    found = Event.objects.filter(account=account).select_related("metric", "profile")
    if profile is not None:
        found = found.filter(profile=profile)
    if metric is not None:
        found = found.filter(metric=metric)
    return found


@dataclass(frozen=True)
class Done:
    """How often a person has done something."""

    metric: Metric
    events: int
    last: datetime


def done_by(account: Account, profile: Profile) -> list[Done]:
    """What a person has done, most recent first."""
    rows = (
        Event.objects.filter(account=account, profile=profile)
        .values("metric_id")
        .annotate(events=Count("pk"), last=Max("time"))
        .order_by("-last")
    )
    found: list[Any] = list(rows)
    metrics = metrics_of(account).in_bulk([row["metric_id"] for row in found])
    return [
        Done(metrics[row["metric_id"]], row["events"], row["last"])
        for row in found
        if row["metric_id"] in metrics
    ]


def properties_of(account: Account, metric: Metric | None) -> QuerySet[Property]:
    """Which properties occur on a metric's events (on profiles, without one), by name."""
    return Property.objects.filter(account=account, metric=metric).order_by("name")
