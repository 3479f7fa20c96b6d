"""What a campaign did to the people on a list: counted in the database, each person once.

Counts and amounts only; what they mean is in `comparison`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Max

from predictions.numerics.experiments.amounts import Takings
from predictions.numerics.experiments.proportions import Proportion
from predictions.storage.orders import choices_of, metrics_of
from profiles.models import List, Metric
from segmenter.accounts.models import Account
from segments.models import SampleGroup


class ReportMeasure(StrEnum):
    """What is counted of each group: people, each once."""

    DELIVERED = "delivered"
    OPENED = "opened"
    OPENED_WITHOUT_MACHINES = "opened_without_machines"
    CLICKED = "clicked"
    ORDERED = "ordered"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"


REVENUE = "revenue"
METRICS = {
    ReportMeasure.DELIVERED: "Received Email",
    ReportMeasure.OPENED: "Opened Email",
    ReportMeasure.CLICKED: "Clicked Email",
    ReportMeasure.UNSUBSCRIBED: "Unsubscribed",
    ReportMeasure.COMPLAINED: "Marked Email as Spam",
    ReportMeasure.BOUNCED: "Bounced Email",
}
"""The metrics whose events name the campaign."""
CAMPAIGN = "Campaign Name"
MACHINE = "Apple Privacy Open"
MOST_CAMPAIGNS = 20
LOOKED_AT = 10_000
"""People of each list whose campaigns are offered."""


@dataclass(frozen=True)
class ReportPeriod:
    """Half open: what happened at `since` counts, what happened at `until` does not."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class GroupCounts:
    """What the people of one list did."""

    group: List
    people: int
    tallies: dict[ReportMeasure, Proportion]
    takings: Takings
    latest_receipt: datetime | None = None
    """When the last of them received the mail."""


def latest_drawing(groups: list[List]) -> datetime | None:
    """Return the latest instant at which any of the groups was drawn; None if none is a sample."""
    rows = SampleGroup.objects.filter(list__in=groups)
    latest: datetime | None = rows.aggregate(latest=Max("sample__drawn"))["latest"]
    return latest


def people_on_both(group: List, control: List) -> int:
    """How many people are on two lists; they are counted in neither."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM profiles_listmember m JOIN profiles_listmember o"
            " USING (profile_id) WHERE m.list_id = %s AND o.list_id = %s",
            [group.pk, control.pk],
        )
        return int(cursor.fetchone()[0])


_PEOPLE = """
    SELECT profile_id, greatest(joined, %(since)s) AS since FROM profiles_listmember m
    WHERE list_id = %(list)s AND NOT EXISTS (
        SELECT FROM profiles_listmember o
        WHERE o.list_id = ANY(%(others)s) AND o.profile_id = m.profile_id)"""
"""Who is counted, and since when: from when they were put on the list, or later."""

_MAIL = f"""
WITH people AS MATERIALIZED ({_PEOPLE}), reactions AS (
    SELECT profile_id,
        bool_or(metric_id = %(delivered)s) AS delivered,
        bool_or(metric_id = %(opened)s) AS opened,
        bool_or(
            metric_id = %(opened)s AND lower(coalesce(properties ->> %(machine)s, '')) <> 'true'
        ) AS opened_without_machines,
        bool_or(metric_id = %(clicked)s) AS clicked,
        bool_or(metric_id = %(unsubscribed)s) AS unsubscribed,
        bool_or(metric_id = %(complained)s) AS complained,
        bool_or(metric_id = %(bounced)s) AS bounced,
        max(time) FILTER (WHERE metric_id = %(delivered)s) AS received
    FROM profiles_event e JOIN people USING (profile_id)
    WHERE e.account_id = %(account)s AND e.metric_id = ANY(%(metrics)s)
        AND e.time >= people.since AND e.time >= %(since)s AND e.time < %(until)s
        AND e.properties ->> %(name)s = %(campaign)s
    GROUP BY profile_id
)
SELECT (SELECT count(*) FROM people), max(received), {{counts}} FROM reactions"""

_ORDERS = f"""
WITH people AS MATERIALIZED ({_PEOPLE})
SELECT sum(CASE WHEN value > '-Infinity' AND value < 'Infinity' THEN value ELSE 0 END)
FROM profiles_event e JOIN people USING (profile_id)
WHERE e.account_id = %(account)s AND e.metric_id = %(order)s
    AND e.time >= people.since AND e.time >= %(since)s AND e.time < %(until)s
GROUP BY profile_id"""


def count_group(
    account: Account, group: List, others: list[List], campaign: str, period: ReportPeriod
) -> GroupCounts:
    """Count what the people on a list, and on none of the others, did in a period.

    `delivered` and `ordered` are of all of them. The others are of those who received the mail or
    did the thing, so that a receipt that was not recorded makes no rate over 100 %. Orders need no
    campaign: they count whoever sent people to the shop. Revenue is the orders' value; refunds are
    not taken off.
    """
    keys = dict(Metric.objects.filter(account=account).values_list("name", "pk"))
    metrics = {measure.value: keys.get(name, -1) for measure, name in METRICS.items()}
    rates = [
        measure
        for measure in ReportMeasure
        if measure not in (ReportMeasure.DELIVERED, ReportMeasure.ORDERED)
    ]
    counts = ["count(*) FILTER (WHERE delivered)"]
    for measure in rates:
        counts.append(f"count(*) FILTER (WHERE {measure.value})")
        counts.append(f"count(*) FILTER (WHERE delivered OR {measure.value})")
    values: dict[str, Any] = {
        **metrics,
        "account": account.pk,
        "list": group.pk,
        "others": [other.pk for other in others],
        "since": period.since,
        "until": period.until,
        "metrics": list(metrics.values()),
        "order": _order_metric(account),
        "machine": MACHINE,
        "name": CAMPAIGN,
        "campaign": campaign,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MAIL.format(counts=", ".join(counts)), values)
        people, received, delivered, *rest = cursor.fetchone()
        cursor.execute(_ORDERS, values)
        amounts = np.array([row[0] or 0.0 for row in cursor.fetchall()], dtype=np.float64)
    tallies = {ReportMeasure.DELIVERED: Proportion(delivered, people)}
    pairs = zip(rest[::2], rest[1::2], strict=True)
    tallies |= {measure: Proportion(*pair) for measure, pair in zip(rates, pairs, strict=True)}
    tallies[ReportMeasure.ORDERED] = Proportion(len(amounts), people)
    in_order = {measure: tallies[measure] for measure in ReportMeasure}
    return GroupCounts(group, people, in_order, Takings(amounts[amounts != 0], people), received)


def _order_metric(account: Account) -> int:
    key = metrics_of(account, choices_of(account)).get("order_metric")
    metric = Metric.objects.filter(account=account, key=key).first() if key else None
    return metric.pk if metric else -1


def campaigns_of(
    account: Account, groups: list[List], period: ReportPeriod, *, people: int = LOOKED_AT
) -> list[tuple[str, int]]:
    """Return the campaigns that people on some lists received in a period, with how many did.

    Of a longer list only the first `people` are looked at: which campaigns there are, so many tell.
    """
    metric = Metric.objects.filter(account=account, name=METRICS[ReportMeasure.DELIVERED]).first()
    if metric is None or not groups:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH m AS MATERIALIZED (SELECT part.* FROM unnest(%s::bigint[]) AS l(list_id),"
            " LATERAL (SELECT profile_id, joined FROM profiles_listmember"
            " WHERE list_id = l.list_id ORDER BY profile_id LIMIT %s) AS part)"
            " SELECT properties ->> %s AS campaign, count(DISTINCT profile_id) AS people"
            " FROM profiles_event e JOIN m USING (profile_id)"
            " WHERE e.account_id = %s AND e.metric_id = %s AND e.time >= m.joined"
            " AND e.time >= %s AND e.time < %s"
            " GROUP BY 1 HAVING properties ->> %s <> '' ORDER BY people DESC, campaign LIMIT %s",
            [
                [group.pk for group in groups],
                people,
                CAMPAIGN,
                account.pk,
                metric.pk,
                period.since,
                period.until,
                CAMPAIGN,
                MOST_CAMPAIGNS,
            ],
        )
        return [(str(name), int(people)) for name, people in cursor.fetchall()]
