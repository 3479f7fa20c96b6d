"""Each window opens and closes within a minute of its edge, as in the table golden_edges.csv."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.models import Membership
from tests.builders.definitions import ALL_TIME, about, in_group, once
from tests.draws import portion
from tests.live.golden import TICK, Case, cases, table, worked_out
from tests.live.steps import MINUTE, did, events, new_account, people, segment, settle
from tests.oracle.oracle import meets_definition
from tests.oracle.world import World

CASES = table()
ZONES = list(dict.fromkeys(case.zone for case in CASES))

BY_HAND = """
# 29 March is 23 hours long, so midnight moves from 23:00 to 22:00 UTC.
Europe/Stockholm|event|2026-03-28 02:30|in-the-last 1 day|2026-03-28T01:30Z|2026-03-29T22:00Z
# 24 hours are 24 hours, whatever the clocks do; at 01:30 UTC it still counts.
Europe/Rome|event|2026-03-28 02:30|in-the-last 24 hour|2026-03-28T01:30Z|2026-03-29T01:30:00.000001Z
# A month before 30 April is 30 March, before 1 May it is 1 April: 31 March goes with the latter.
Europe/Stockholm|event|2026-03-31|between 1 2 month|2026-04-30T22:00Z|2026-05-31T22:00Z
# A month before 28 February is 28 January, before 1 March it is 1 February.
UTC|event|2026-01-29 08:00|in-the-last 1 month|2026-01-29T08:00Z|2026-03-01T00:00Z
UTC|event|2024-01-31 08:00|at-least 1 month|2024-03-01T00:00Z|
UTC|event|2024-02-29|in-the-last 1 year|2024-02-29T00:00Z|2025-03-01T00:00Z
UTC|date|1996-02-29|anniversary|2024-02-29T00:00Z|2024-03-01T00:00Z
UTC|date|1996-02-29|anniversary-month|2024-02-01T00:00Z|2024-03-01T00:00Z
UTC|date|2026-05-10|in-the-next 7 day|2026-05-03T00:00Z|2026-05-10T00:00:00.000001Z
# There is no midnight on 4 November 2018: the day begins at 01:00, which is 03:00 UTC.
America/Sao_Paulo|event|2018-11-03 23:59|in-the-last 0 day|2018-11-04T02:59Z|2018-11-04T03:00Z
# Midnight comes twice on 1 November 2026; the day begins with the first, at 04:00 UTC.
America/Havana|event|2026-10-31 12:00|in-the-last 0 day|2026-10-31T16:00Z|2026-11-01T04:00Z
# Clocks are put back by half an hour: from 11:00 to 10:30 ahead of UTC.
Australia/Lord_Howe|event|2026-04-04 12:00|between 1 1 day|2026-04-04T13:00Z|2026-04-05T13:30Z
# 5 hours and 45 minutes ahead.
Asia/Kathmandu|event|2025-12-31 23:59|at-least 1 day|2026-01-01T18:15Z|
# 30 December 2011 was left out: the 31st follows the 29th, and is two days later.
Pacific/Apia|event|2011-12-29 12:00|between 2 2 day|2011-12-30T10:00Z|2011-12-31T10:00Z
Pacific/Apia|event|2011-12-29 12:00|in-the-last 1 day|2011-12-29T22:00Z|2011-12-30T10:00Z
UTC|funnel|2026-03-01 10:00|not-within 259200 second|2026-03-04T10:00Z|
"""


@pytest.mark.parametrize(
    "row", [row for row in BY_HAND.split("\n") if row and not row.startswith("#")]
)
def test_the_rule_gives_what_was_worked_out_by_hand(row: str) -> None:
    zone, subject, when, window, *edges = row.split("|")
    case = worked_out(zone, subject, when, window)
    expected = tuple(datetime.fromisoformat(text) if text else None for text in edges)
    assert (case.enters, case.leaves) == expected


def test_the_table_is_what_the_rule_gives() -> None:
    assert list(cases()) == CASES
    assert len(CASES) >= 200
    assert len({(c.zone, c.subject, c.when, c.window) for c in CASES}) == len(CASES)


def filter_of(window: str) -> dict[str, Any]:
    """The date filter of a row's window."""
    operator, *rest = window.split()
    filter_: dict[str, Any] = {"type": "date", "operator": operator}
    if len(rest) == 2:
        filter_ |= {"quantity": int(rest[0]), "unit": rest[1]}
    if len(rest) == 3:
        filter_ |= {"start": int(rest[0]), "end": int(rest[1]), "unit": rest[2]}
    return filter_


def condition(case: Case) -> dict[str, Any]:
    """The row's window as a condition about the row's subject."""
    filter_ = filter_of(case.window)
    if case.subject == "event":
        return once("Bought", filter_)
    if case.subject == "date":
        return about("properties['Day']", filter_)
    if case.subject == "list":
        return in_group("Letter", timeframe=filter_)
    if case.subject == "consent":
        test = {"field": "status_date", "filter": filter_}
        return {
            "type": "profile-marketing-consent",
            "consent": {
                "channel": "push",
                "can_receive_marketing": True,
                "consent_status": {"subscription": "any", "filters": [test]},
            },
        }
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": ALL_TIME,
        "completion_window_seconds": int(case.window.split()[1]),
        "steps": [
            {"metric_exists": True, "metric": "Bought"},
            {"metric_exists": False, "metric": "Viewed"},
        ],
    }


def person(case: Case, name: str) -> dict[str, Any]:
    """The row's person, without events."""
    record: dict[str, Any] = {"external_id": name}
    if case.subject == "date":
        record["properties"] = {"Day": case.when}
    if case.subject == "list":
        record["lists"] = [{"name": "Letter", "joined": case.moment.isoformat()}]
    if case.subject == "consent":
        consent = {"consent": "SUBSCRIBED", "consent_timestamp": case.moment.isoformat()}
        record["subscriptions"] = {"mobile_push": {"marketing": consent}}
    return record


@pytest.mark.parametrize("zone", ZONES)
def test_the_oracle_agrees_with_the_table(zone: str) -> None:
    for case in (case for case in CASES if case.zone == zone):
        filter_ = condition(case)
        for old, new in (("metric", "metric_id"), ("groups", "group_ids")):
            for part in (filter_, *filter_.get("steps", ())):
                if old in part:
                    part[new] = part.pop(old)
        bought = did("Bought", "p", case.moment) | {"time": case.moment.isoformat()}
        events_ = [bought] if case.subject in ("event", "funnel") else []
        world = World(people=[person(case, "p")], events=events_, zone=zone)
        definition = {"condition_groups": [{"conditions": [filter_]}]}
        for edge, then in ((case.enters, True), (case.leaves, False)):
            if edge is not None:
                assert meets_definition(definition, world, 0, edge) is then, (case, edge)
                assert meets_definition(definition, world, 0, edge - TICK) is not then, (case, edge)


def minute_before(edge: datetime) -> datetime:
    """The last whole minute at which the old answer holds."""
    return (edge - TICK).replace(second=0, microsecond=0)


Check = tuple[Case, bool]


def checks(of: list[Case]) -> dict[datetime, list[Check]]:
    """Whole minutes, in order, and who must be in or out then."""
    by_moment: dict[datetime, list[Check]] = defaultdict(list)
    for case in of:
        for edge, then in ((case.enters, True), (case.leaves, False)):
            if edge is not None:
                before = minute_before(edge)
                by_moment[before].append((case, not then))
                by_moment[before + MINUTE].append((case, then))
    return dict(sorted(by_moment.items()))


@pytest.mark.django_db
@pytest.mark.parametrize("zone", portion(ZONES, 3))
def test_membership_flips_at_the_edge(zone: str) -> None:
    mine = [case for case in CASES if case.zone == zone]
    due = checks(mine)
    start = min(due) - timedelta(days=2)
    shop = new_account(zone, start)
    whose: dict[tuple[str, str], int] = {}
    segments: dict[str, int] = {}
    for case in mine:
        who = (case.subject, case.when)
        if who not in whose:
            name = f"{case.subject} {case.when}"
            [whose[who]] = people(shop, start, person(case, name))
            if case.subject in ("event", "funnel"):
                events(shop, start, did("Bought", name, case.moment))
        label = f"{case.subject} {case.window}"
        if label not in segments:
            segments[label] = segment(shop, start, label, condition(case)).pk
    for minute, expected in due.items():
        settle(shop, minute)
        inside = set(
            Membership.objects.filter(account=shop).values_list("segment_id", "profile_id")
        )
        for case, then in expected:
            member = segments[f"{case.subject} {case.window}"], whose[case.subject, case.when]
            assert (member in inside) is then, (minute.isoformat(), then, case)


@pytest.mark.django_db
def test_the_cast_of_a_zone_is_nobody_elses() -> None:
    """Two accounts in different zones, the same facts: each flips at its own midnight."""
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    shops: list[Account] = []
    for zone in ("Asia/Kathmandu", "America/New_York"):
        shop = new_account(zone, start, slug=zone.partition("/")[2].lower())
        people(shop, start, {"external_id": "p"})
        events(shop, start, did("Bought", "p", start))
        segment(shop, start, "Today", once("Bought", filter_of("in-the-last 0 day")))
        shops.append(shop)
    counts = []
    for minute in (
        "2026-03-01T18:14Z",
        "2026-03-01T18:15Z",
        "2026-03-02T04:59Z",
        "2026-03-02T05:00Z",
    ):
        at = datetime.fromisoformat(minute)
        for shop in shops:
            settle(shop, at)
        counts.append([Membership.objects.filter(account=shop).count() for shop in shops])
    assert counts == [[1, 1], [0, 1], [0, 1], [0, 0]]
    assert Profile.objects.count() == 2
