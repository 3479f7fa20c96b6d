"""Growth and who was in when: golden tables, and a plain replay of random ledgers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.growth import (
    MOST_PERIODS,
    CauseCounts,
    Growth,
    Stay,
    Unit,
    bounds,
    growth_report,
    members_on,
    stays,
)
from segments.engine.growth_chart import growth_chart, period_name
from segments.engine.growth_range import DEFAULTS, PRESETS, read_range
from segments.engine.live import handle_changes
from segments.history.growth_csv import growth_file
from segments.models import Build, Membership, MembershipChange, Segment, SegmentVersion
from tests.draws import draws
from tests.segments.ledgers import Entry, counting, inside, ledger_segment, utc

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LONG_AGO = utc("2026-01-01T00:00")
IN, OUT = True, False


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def table(report: Growth) -> list[tuple[str, int, int, int]]:
    """Each period's start on Stockholm's clocks, its size, who was added and who left."""
    return [
        (p.start.astimezone(STOCKHOLM).isoformat()[:16], p.size, p.added, p.left)
        for p in report.periods
    ]


def report(segment: Segment, unit: Unit, first: str, last: str, at: str = "2027-01-01") -> Growth:
    """Over [first, last), on Stockholm's clocks."""
    return growth_report(segment, unit=unit, start=local(first), end=local(last), at=local(at))


# --- periods -------------------------------------------------------------------------------------


def lengths(unit: Unit, first: str, last: str) -> list[float]:
    """Hours."""
    edges = bounds(unit, local(first), local(last), STOCKHOLM)
    return [(b - a) / timedelta(hours=1) for a, b in pairwise(edges)]


def test_days_have_23_and_25_hours_where_the_clocks_change() -> None:
    assert lengths(Unit.DAY, "2026-03-28", "2026-03-31") == [24, 23, 24]
    assert lengths(Unit.DAY, "2026-10-24", "2026-10-27") == [24, 25, 24]
    assert lengths(Unit.WEEK, "2026-03-29", "2026-03-30") == [167]
    assert lengths(Unit.WEEK, "2026-10-25", "2026-10-26") == [169]
    assert lengths(Unit.MONTH, "2026-03-05", "2026-04-01") == [31 * 24 - 1]
    assert len(lengths(Unit.HOUR, "2026-03-29", "2026-03-30")) == 23
    assert len(lengths(Unit.HOUR, "2026-10-25", "2026-10-26")) == 25


def test_weeks_begin_on_mondays_and_months_on_their_first() -> None:
    weeks = bounds(Unit.WEEK, local("2026-03-11T15:00"), local("2026-03-24"), STOCKHOLM)
    assert [w.astimezone(STOCKHOLM).date() for w in weeks] == [
        date(2026, 3, 9),
        date(2026, 3, 16),
        date(2026, 3, 23),
        date(2026, 3, 30),
    ]
    months = bounds(Unit.MONTH, local("2025-12-31T23:59"), local("2026-03-01"), STOCKHOLM)
    assert [m.astimezone(STOCKHOLM).date().isoformat() for m in months] == [
        "2025-12-01",
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]


def test_hours_begin_where_the_zone_s_clocks_say_so() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    edges = bounds(Unit.HOUR, utc("2026-03-01T10:10"), utc("2026-03-01T11:00"), kolkata)
    assert edges == [
        utc("2026-03-01T09:30"),
        utc("2026-03-01T10:30"),
        utc("2026-03-01T11:30"),
    ]


def test_a_day_that_has_no_midnight_begins_with_its_first_hour() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    edges = bounds(Unit.DAY, utc("2026-04-23T12:00"), utc("2026-04-24T12:00"), cairo)
    assert edges == [utc("2026-04-22T22:00"), utc("2026-04-23T22:00"), utc("2026-04-24T21:00")]


# --- golden tables -------------------------------------------------------------------------------


def test_days_around_the_night_the_clocks_go_back(account: Account) -> None:
    segment = ledger_segment(
        account,
        "Autumn",
        [
            Entry(1, IN, utc("2026-10-23T22:00")),  # Saturday 00:00 in summer time
            Entry(2, IN, utc("2026-10-24T21:59:59.999999")),  # the last instant of Saturday
            Entry(3, IN, utc("2026-10-24T22:00")),  # Sunday 00:00
            Entry(1, OUT, utc("2026-10-25T22:59:59")),  # Sunday 23:59:59, in winter time
            Entry(4, IN, utc("2026-10-25T23:00")),  # Monday 00:00
            Entry(2, OUT, utc("2026-10-26T12:00"), cause=Cause.TIME),
        ],
        created=LONG_AGO,
    )
    days = report(segment, Unit.DAY, "2026-10-23", "2026-10-28")
    assert table(days) == [
        ("2026-10-23T00:00", 0, 0, 0),
        ("2026-10-24T00:00", 2, 2, 0),
        ("2026-10-25T00:00", 2, 1, 1),
        ("2026-10-26T00:00", 2, 1, 1),
        ("2026-10-27T00:00", 2, 0, 0),
    ]
    assert days.periods[3].causes == (CauseCounts(Cause.EVENT, 1, 0), CauseCounts(Cause.TIME, 0, 1))
    assert days.causes == (CauseCounts(Cause.EVENT, 4, 1), CauseCounts(Cause.TIME, 0, 1))
    assert (days.size_before, days.added, days.left, days.net) == (0, 4, 2, 2)
    weeks = report(segment, Unit.WEEK, "2026-10-19", "2026-11-01")
    assert table(weeks) == [("2026-10-19T00:00", 2, 3, 1), ("2026-10-26T00:00", 2, 1, 1)]
    months = report(segment, Unit.MONTH, "2026-09-30", "2026-11-01")
    assert table(months) == [("2026-09-01T00:00", 0, 0, 0), ("2026-10-01T00:00", 2, 4, 2)]
    later = report(segment, Unit.DAY, "2026-10-26", "2026-10-27")
    assert (later.size_before, table(later)) == (2, [("2026-10-26T00:00", 2, 1, 1)])


def test_the_hour_that_comes_twice_is_two_hours(account: Account) -> None:
    segment = ledger_segment(
        account,
        "Autumn",
        [
            Entry(1, IN, utc("2026-10-25T00:30")),  # 02:30 in summer time
            Entry(2, IN, utc("2026-10-25T01:30")),  # 02:30 in winter time
            Entry(1, OUT, utc("2026-10-25T01:45")),
        ],
        created=LONG_AGO,
    )
    hours = report(segment, Unit.HOUR, "2026-10-25T00:00", "2026-10-25T04:00")
    assert table(hours) == [
        ("2026-10-25T00:00", 0, 0, 0),
        ("2026-10-25T01:00", 0, 0, 0),
        ("2026-10-25T02:00", 1, 1, 0),
        ("2026-10-25T02:00", 1, 1, 1),
        ("2026-10-25T03:00", 1, 0, 0),
    ]
    names = [period_name(Unit.HOUR, p, STOCKHOLM) for p in hours.periods]
    assert names[1:] == [
        "25 Oct 2026, 01:00",
        "25 Oct 2026, 02:00 CEST",
        "25 Oct 2026, 02:00 CET",
        "25 Oct 2026, 03:00",
    ]


def test_there_is_no_hour_that_the_clocks_pass_over(account: Account) -> None:
    segment = ledger_segment(
        account, "Spring", [Entry(1, IN, utc("2026-03-29T01:00"))], created=LONG_AGO
    )
    hours = report(segment, Unit.HOUR, "2026-03-29T01:00", "2026-03-29T05:00")
    assert table(hours) == [
        ("2026-03-29T01:00", 0, 0, 0),
        ("2026-03-29T03:00", 1, 1, 0),
        ("2026-03-29T04:00", 1, 0, 0),
    ]


# --- which time counts ---------------------------------------------------------------------------


def test_a_window_that_let_go_at_midnight_counts_on_that_day(account: Account) -> None:
    midnight, later = local("2026-03-10"), local("2026-03-12T09:00")
    segment = ledger_segment(
        account,
        "Late",
        [
            Entry(1, IN, local("2026-03-08T12:00")),
            Entry(1, OUT, midnight, at=later, cause=Cause.TIME),
        ],
        created=LONG_AGO,
    )
    assert table(report(segment, Unit.DAY, "2026-03-09", "2026-03-11")) == [
        ("2026-03-09T00:00", 1, 0, 0),
        ("2026-03-10T00:00", 0, 0, 1),
    ]
    assert members_on(segment, midnight - timedelta(microseconds=1)).ids == (1,)
    assert members_on(segment, midnight).ids == ()


def test_nobody_leaves_before_having_entered_nor_enters_before_it_was_noted(
    account: Account,
) -> None:
    segment = ledger_segment(
        account,
        "Odd",
        [
            Entry(1, IN, local("2026-03-08T12:00")),
            # A row that was true before the last one is not believed,
            Entry(1, OUT, local("2026-03-05T12:00"), at=local("2026-03-10T12:00")),
            # nor one that becomes true only later.
            Entry(2, IN, local("2026-04-01T12:00"), at=local("2026-03-09T12:00")),
        ],
        created=LONG_AGO,
    )
    days = report(segment, Unit.DAY, "2026-03-04", "2026-03-11")
    assert [(size, added, leavers) for _day, size, added, leavers in table(days)] == [
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
        (0, 1, 1),
        (1, 1, 0),
        (1, 0, 0),
    ]


# --- limits of a range ---------------------------------------------------------------------------


def test_an_empty_segment_has_periods_of_nobody(account: Account) -> None:
    segment = ledger_segment(account, "Empty", [], created=LONG_AGO)
    days = report(segment, Unit.DAY, "2026-03-01", "2026-03-03")
    assert table(days) == [("2026-03-01T00:00", 0, 0, 0), ("2026-03-02T00:00", 0, 0, 0)]
    assert days.causes == ()
    past = members_on(segment, LONG_AGO)
    assert (past.count, past.ids, past.before, past.after) == (0, (), None, None)


def test_one_change_makes_one_step(account: Account) -> None:
    segment = ledger_segment(
        account, "One", [Entry(1, IN, local("2026-03-02T12:00"))], created=LONG_AGO
    )
    months = report(segment, Unit.MONTH, "2026-03-01", "2026-03-03")
    assert table(months) == [("2026-03-01T00:00", 1, 1, 0)]
    chart = growth_chart(months, STOCKHOLM)
    assert [tick.value for tick in chart.panels[0].ticks] == [0, 1]


def test_what_has_not_begun_is_left_out_and_what_goes_on_is_as_of_now(account: Account) -> None:
    segment = ledger_segment(
        account, "Now", [Entry(1, IN, local("2026-03-02T11:00"))], created=LONG_AGO
    )
    days = report(segment, Unit.DAY, "2026-03-01", "2026-04-01", at="2026-03-02T12:00")
    assert table(days) == [("2026-03-01T00:00", 0, 0, 0), ("2026-03-02T00:00", 1, 1, 0)]
    at_midnight = report(segment, Unit.DAY, "2026-03-02", "2026-04-01", at="2026-03-03T00:00")
    assert [row[0] for row in table(at_midnight)] == ["2026-03-02T00:00", "2026-03-03T00:00"]


@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [
        (Unit.HOUR, "2026-03-01", "2026-03-15T02:00"),
        (Unit.DAY, "2024-01-01", "2025-02-05"),
        (Unit.WEEK, "1990-01-01", "2026-01-01"),
        (Unit.MONTH, "1800-01-01", "2026-01-01"),
        (Unit.DAY, "2026-03-02", "2026-03-02"),
        (Unit.DAY, "2026-03-02", "2026-03-01"),
        (Unit.DAY, "2027-03-02", "2027-03-05"),
    ],
)
def test_a_range_that_is_empty_or_too_long_is_refused(
    account: Account, unit: Unit, first: str, last: str
) -> None:
    segment = ledger_segment(account, "Any", [], created=LONG_AGO)
    with pytest.raises(Invalid):
        report(segment, unit, first, last)


def test_two_weeks_of_hours_and_400_days_are_not_too_long(account: Account) -> None:
    segment = ledger_segment(account, "Any", [], created=LONG_AGO)
    hours = report(segment, Unit.HOUR, "2026-10-15", "2026-10-29")
    assert len(hours.periods) == MOST_PERIODS[Unit.HOUR] == 337
    assert len(report(segment, Unit.DAY, "2025-01-01", "2026-02-05").periods) == 400


def test_another_segment_s_ledger_does_not_count(account: Account) -> None:
    one = ledger_segment(
        account, "One", [Entry(1, IN, local("2026-03-02T12:00"))], created=LONG_AGO
    )
    ledger_segment(account, "Two", [Entry(2, IN, local("2026-03-02T12:00"))], created=LONG_AGO)
    assert table(report(one, Unit.DAY, "2026-03-02", "2026-03-03")) == [
        ("2026-03-02T00:00", 1, 1, 0)
    ]
    assert members_on(one, local("2026-03-03")).ids == (1,)


def test_changes_of_the_definition_are_marked(account: Account, owner: User) -> None:
    segment = ledger_segment(account, "Edited", [], created=LONG_AGO)
    for number, text in enumerate(["2026-03-01T00:00", "2026-03-02T12:00", "2026-03-04"], start=1):
        SegmentVersion.objects.create(
            segment=segment,
            number=number,
            definition={},
            at=local(text),
            user=owner if number == 2 else None,
        )
    days = report(segment, Unit.DAY, "2026-03-01", "2026-03-04")
    assert [(m.version.number, m.period) for m in days.markers] == [(1, 0), (2, 1)]
    marks = growth_chart(days, STOCKHOLM).markers
    assert [(mark.x, mark.name) for mark in marks] == [("0%", "v1"), ("50%", "v2")]
    assert marks[1].title == "Version 2 of the definition, 2 Mar 2026, 12:00, Owner"


# --- a plain replay ------------------------------------------------------------------------------

MINUTES = st.integers(0, 3_000)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """Up to 40 rows about six people over the change of the clocks: late, early, out of order."""
    at, is_in, ledger = utc("2026-10-20T12:00"), [False] * 6, []
    for _ in range(draw(st.integers(0, 40))):
        at += timedelta(minutes=draw(MINUTES))
        person = draw(st.integers(0, 5))
        is_in[person] = not is_in[person]
        noted_at = at - timedelta(minutes=draw(st.sampled_from([0, 0, 0, 5, 700])))
        late = draw(st.sampled_from([0, 0, 1, 60, 1_500, 12_000, -30]))
        since = noted_at - timedelta(minutes=late)
        cause = draw(st.sampled_from([Cause.EVENT, Cause.TIME, Cause.DEFINITION]))
        ledger.append(Entry(person + 1, is_in[person], since, noted_at, cause))
    return ledger


@settings(
    max_examples=draws(40, nightly=150), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    ledger=ledgers(),
    unit=st.sampled_from(list(Unit)),
    first=st.integers(-3, 40),
    days=st.integers(1, 13),
    instants=st.lists(st.integers(-5 * 1_440, 80 * 1_440), max_size=3),
)
def test_sizes_and_members_are_those_of_a_replay(
    account: Account,
    ledger: Sequence[Entry],
    unit: Unit,
    first: int,
    days: int,
    instants: list[int],
) -> None:
    for model in (Membership, MembershipChange, Segment):
        model.objects.all().delete()
    segment = ledger_segment(account, "Any", ledger, created=LONG_AGO)
    start = local("2026-10-20") + timedelta(days=first)
    far = utc("2027-06-01T00:00")
    growth = growth_report(
        segment, unit=unit, start=start, end=start + timedelta(days=days), at=far
    )
    a_moment = timedelta(microseconds=1)
    assert growth.size_before == len(inside(ledger, growth.periods[0].start - a_moment))
    for period in growth.periods:
        assert period.size == len(inside(ledger, period.end - a_moment))
        within = [e for since, e in counting(ledger) if period.start <= since < period.end]
        for by_cause in period.causes:
            of_cause = [e.entered for e in within if e.cause == by_cause.cause]
            assert (by_cause.added, by_cause.left) == (of_cause.count(True), of_cause.count(False))
        assert period.added + period.left == len(within)
    moments = [local("2026-10-20") + timedelta(minutes=minutes) for minutes in instants]
    moments += [since for since, _entry in counting(ledger)[:2]]
    for instant in moments:
        past = members_on(segment, instant)
        assert (past.count, set(past.ids)) == (len(past.ids), inside(ledger, instant))


# --- who was in ----------------------------------------------------------------------------------


def test_who_was_in_comes_in_pages(account: Account) -> None:
    then, later = local("2026-03-02"), local("2026-03-05")
    ledger = [Entry(person, IN, then) for person in range(1, 8)]
    ledger += [Entry(person, OUT, later) for person in (2, 3)] + [Entry(9, IN, later)]
    segment = ledger_segment(account, "Pages", ledger, created=LONG_AGO)
    first = members_on(segment, then, limit=3)
    assert (first.count, first.ids, first.before, first.after) == (7, (1, 2, 3), None, 3)
    second = members_on(segment, then, limit=3, after=first.after)
    assert (second.count, second.ids, second.before, second.after) == (7, (4, 5, 6), 4, 6)
    third = members_on(segment, then, limit=3, after=second.after)
    assert (third.ids, third.before, third.after) == ((7,), 7, None)
    back = members_on(segment, then, limit=3, before=third.before)
    assert (back.ids, back.before, back.after) == ((4, 5, 6), 4, 6)
    assert members_on(segment, then, limit=3, before=back.before).ids == (1, 2, 3)
    assert members_on(segment, later).ids == (1, 4, 5, 6, 7, 9)
    assert stays(segment, [1, 2, 8], then) == {
        1: Stay(then, None),
        2: Stay(then, later),
        8: Stay(None, None),
    }


def test_who_is_gone_was_in_all_the_same(account: Account, people: list[Profile]) -> None:
    """Through the engine: enter by a build, leave by a property and by being erased."""
    at = utc("2026-03-02T12:00")
    condition = {
        "type": "profile-property",
        "property": "email",
        "filter": {"type": "existence", "operator": "is-set"},
    }
    definition = {"condition_groups": [{"conditions": [condition]}]}
    segment = save_segment(account=account, user=None, name="Mail", definition=definition, at=at)
    run_build(Build.objects.get(segment=segment).pk, at)
    ingest_profiles(
        account=account,
        records=[{"email": "cleo@example.com"}],
        at=at + timedelta(days=1),
    )
    while handle_changes(account, at + timedelta(days=1)):
        pass
    anna, bo = people[0].pk, people[1].pk
    cleo = Profile.objects.get(email="cleo@example.com").pk
    erase(account=account, profile_id=bo, at=at + timedelta(days=2))
    while handle_changes(account, at + timedelta(days=2)):
        pass
    segment.refresh_from_db()
    assert segment.size == 2
    assert members_on(segment, at).ids == (anna, bo)
    assert members_on(segment, at + timedelta(days=1, hours=1)).ids == (anna, bo, cleo)
    assert members_on(segment, at + timedelta(days=3)).ids == (anna, cleo)
    days = report(segment, Unit.DAY, "2026-03-02", "2026-03-05")
    assert [(size, added, leavers) for _day, size, added, leavers in table(days)] == [
        (2, 2, 0),
        (3, 1, 0),
        (2, 0, 1),
    ]


def test_each_report_is_one_instant_s(account: Account) -> None:
    """Size and ledger are read by one statement, so that no change comes between the two."""
    segment = ledger_segment(
        account, "One", [Entry(1, IN, local("2026-03-02T12:00"))], created=LONG_AGO
    )
    with CaptureQueriesContext(connection) as queries:
        members_on(segment, local("2026-03-03"))
        report(segment, Unit.DAY, "2026-03-02", "2026-03-03")
    of_ledger = [query["sql"] for query in queries if "membershipchange" in query["sql"]]
    assert len(of_ledger) == 2
    assert all("segments_segment s" in sql for sql in of_ledger)


# --- the range of a request ----------------------------------------------------------------------

TODAY = date(2026, 11, 22)
BORN = date(2025, 1, 15)


@pytest.mark.parametrize(
    ("query", "unit", "first", "last", "notes"),
    [
        ({}, Unit.DAY, "2026-10-24", "2026-11-22", 0),
        ({"unit": "day", "last": "7"}, Unit.DAY, "2026-11-16", "2026-11-22", 0),
        ({"unit": "day", "last": "8"}, Unit.DAY, "2026-10-24", "2026-11-22", 0),
        ({"unit": "hour"}, Unit.HOUR, "2026-11-21", "2026-11-22", 0),
        ({"unit": "week", "last": "12"}, Unit.WEEK, "2026-08-31", "2026-11-22", 0),
        ({"unit": "month", "last": "12"}, Unit.MONTH, "2025-12-01", "2026-11-22", 0),
        ({"unit": "month", "last": "0"}, Unit.MONTH, "2025-01-15", "2026-11-22", 0),
        ({"unit": "year", "from": "x"}, Unit.DAY, "2026-10-24", "2026-11-22", 0),
        ({"from": "2026-05-01", "to": "2026-05-03"}, Unit.DAY, "2026-05-01", "2026-05-03", 0),
        ({"from": "2026-05-03", "to": "2026-05-01"}, Unit.DAY, "2026-05-01", "2026-05-01", 1),
        ({"from": "2020-01-01", "to": "2020-02-01"}, Unit.DAY, "2025-01-15", "2025-01-15", 0),
        ({"from": "2026-11-01", "to": "2030-02-01"}, Unit.DAY, "2026-11-01", "2026-11-22", 0),
        ({"from": "2025-02-01"}, Unit.DAY, "2025-10-19", "2026-11-22", 1),
        ({"unit": "hour", "from": "2026-05-01"}, Unit.HOUR, "2026-11-09", "2026-11-22", 1),
        ({"from": "0001-01-01", "to": "9999-12-31"}, Unit.DAY, "2026-10-24", "2026-11-22", 0),
        ({"to": "2026-05-03"}, Unit.DAY, "2026-04-04", "2026-05-03", 0),
    ],
)
def test_any_question_is_made_one_that_can_be_answered(
    query: dict[str, str], unit: Unit, first: str, last: str, notes: int
) -> None:
    range_ = read_range(query, created=BORN, today=TODAY)
    assert (range_.unit, range_.first.isoformat(), range_.last.isoformat()) == (unit, first, last)
    assert len(range_.notes) == notes


def test_what_is_offered_is_not_too_long() -> None:
    for unit in Unit:
        assert DEFAULTS[unit] in PRESETS[unit]
        for n in PRESETS[unit]:
            range_ = read_range({"unit": unit, "last": str(n)}, created=BORN, today=TODAY)
            edges = bounds(unit, range_.start(STOCKHOLM), range_.end(STOCKHOLM), STOCKHOLM)
            assert range_.notes == ()
            assert len(edges) - 1 <= MOST_PERIODS[unit]
            if n and unit in (Unit.DAY, Unit.WEEK):
                assert len(edges) - 1 == n


# --- the file ------------------------------------------------------------------------------------


def test_the_file_holds_the_same_figures(account: Account, owner: User) -> None:
    segment = ledger_segment(
        account,
        "File",
        [
            Entry(1, IN, local("2026-10-25T12:00")),
            Entry(2, IN, local("2026-10-25T12:00"), cause=Cause.LIST),
            Entry(1, OUT, local("2026-10-26T12:00"), cause=Cause.TIME),
        ],
        created=LONG_AGO,
    )
    User.objects.filter(pk=owner.pk).update(name="=1+1")
    SegmentVersion.objects.create(
        segment=segment, number=2, definition={}, at=local("2026-10-26T13:00"), user=owner
    )
    days = report(segment, Unit.DAY, "2026-10-25", "2026-10-27")
    head, *rows = growth_file(days, STOCKHOLM).decode("utf-8-sig").split("\r\n")
    causes = "added_event,left_event,added_list,left_list,added_time,left_time"
    assert head == f"from,to,size,added,left,net,{causes},definition"
    assert rows == [
        "2026-10-25T00:00:00+02:00,2026-10-26T00:00:00+01:00,2,2,0,2,1,0,1,0,0,0,",
        "2026-10-26T00:00:00+01:00,2026-10-27T00:00:00+01:00,1,0,1,-1,0,0,0,0,0,1,2 (=1+1)",
        "",
    ]
    assert datetime.fromisoformat("2026-10-25T00:00:00+02:00") == days.periods[0].start
    assert days.periods[0].start.tzinfo is UTC
