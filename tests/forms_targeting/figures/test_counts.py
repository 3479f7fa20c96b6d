"""Figures of forms against a second count in Python; late rows, days of the zone, many writers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Event as Signal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_targeting.engine import view_counts
from forms_targeting.engine.figures import (
    Breakdown,
    DayRange,
    FormFigures,
    count_figures,
    days_until,
    figures_of_forms,
)
from forms_targeting.engine.publishing import add_variant, get_variant, publish, save_content
from forms_targeting.engine.view_counts import block_end, count_block
from forms_targeting.figures.tasks import count_views
from forms_targeting.models import Form, FormSubmission, FormVersion, FormView, FormViewCount
from profiles.ingest.store import ingest_events
from profiles.models import Event, Metric, Profile
from segmenter.accounts.models import Account
from tests.builders.form_traffic import form_submission, form_view
from tests.builders.forms import form_content, live_form
from tests.builders.shops import at_once
from tests.draws import draws
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
RANGE = DayRange(date(2026, 2, 1), date(2026, 3, 1))


def total(form: Form, days: DayRange = RANGE, **options: Any) -> FormFigures:
    parts = count_figures(form, days, Breakdown.DAY, at=AT, **options)
    return sum(parts.values(), FormFigures())


def order(
    person: Profile, time: datetime, value: float = 10.0, metric: str = "Placed Order"
) -> None:
    record = {
        "metric": metric,
        "time": time.isoformat(),
        "value": value,
        "unique_id": str(uuid4()),
        "profile": {"email": person.email},
    }
    ingest_events(account=person.account, records=[record], at=AT)
    assert Event.objects.filter(profile=person, unique_id=record["unique_id"]).exists()


# --- views and submissions -----------------------------------------------------------------------


def test_a_display_counts_once_as_submitted_whatever_its_steps(account: Account) -> None:
    form, version = live_form(account)
    views = [form_view(version) for _ in range(4)]
    for step in ("start", "more", "more"):
        form_submission(version, views[0], step=step)
    form_submission(version, views[1])
    form_submission(version, None)
    figures = total(form)
    assert (figures.views, figures.submissions, figures.rate) == (4, 3, 0.75)


def test_without_views_there_is_no_rate(account: Account) -> None:
    form, version = live_form(account)
    assert total(form).rate is None
    form_submission(version, uuid4())
    assert (total(form).submissions, total(form).rate) == (1, None)


def test_a_display_counts_on_the_day_it_was_first_submitted(account: Account) -> None:
    form, version = live_form(account)
    key = form_view(version, at=AT - 2 * DAY)
    for back in (0, 2, 1):  # as rows of offline submissions come in
        form_submission(version, key, at=AT - back * DAY)
    days = count_figures(form, RANGE, Breakdown.DAY, at=AT)
    assert {day: part.submissions for day, part in days.items()} == {date(2026, 2, 27): 1}
    last_day = DayRange(date(2026, 3, 1), date(2026, 3, 1))
    assert total(form, last_day) == FormFigures()


def test_a_row_that_comes_late_counts_on_its_day(account: Account) -> None:
    form, version = live_form(account)
    form_view(version, at=AT)
    before = count_figures(form, RANGE, Breakdown.DAY, at=AT)
    form_view(version, at=AT - 20 * DAY)
    after = count_figures(form, RANGE, Breakdown.DAY, at=AT)
    assert before == {date(2026, 3, 1): FormFigures(views=1)}
    assert after == before | {date(2026, 2, 9): FormFigures(views=1)}


def test_days_are_those_of_the_account_s_zone(account: Account) -> None:
    form, version = live_form(account)
    form_view(version, at=datetime(2026, 2, 10, 23, 30, tzinfo=UTC))  # 00:30 in Stockholm
    assert count_figures(form, RANGE, Breakdown.DAY, at=AT).keys() == {date(2026, 2, 11)}


def test_figures_by_variant_add_up_its_versions(account: Account) -> None:
    form, first = live_form(account)
    add_variant(form=form, at=AT)
    save_content(variant=get_variant(form, "A"), content=form_content("Second"), at=AT)
    second, other = publish(form=form, user=None, at=AT)
    for version in (first, second, other, other):
        form_view(version)
    by_version = count_figures(form, RANGE, Breakdown.VERSION, at=AT)
    assert {pk: part.views for pk, part in by_version.items()} == {
        first.pk: 1,
        second.pk: 1,
        other.pk: 2,
    }
    by_variant = count_figures(form, RANGE, Breakdown.VARIANT, at=AT)
    assert {letter: part.views for letter, part in by_variant.items()} == {"A": 2, "B": 2}


def test_each_form_and_account_has_its_own_figures(
    account: Account, other_account: Account
) -> None:
    form, version = live_form(account)
    other, other_version = live_form(account, "Other")
    foreign, foreign_version = live_form(other_account)
    key = form_view(version)
    form_submission(version, key)
    form_view(other_version)
    form_view(foreign_version)
    form_submission(foreign_version, key)
    days = days_until(AT.date(), 30)
    assert figures_of_forms(account, days) == {
        form.pk: FormFigures(views=1, submissions=1),
        other.pk: FormFigures(views=1),
    }
    assert figures_of_forms(other_account, days) == {
        foreign.pk: FormFigures(views=1, submissions=1)
    }


# --- revenue -------------------------------------------------------------------------------------


def test_revenue_is_that_of_people_after_their_first_submission(
    account: Account, people: list[Profile]
) -> None:
    form, version = live_form(account)
    anna, bo, _phone = people  # Anna has orders of 100 and 200 on 1 and 2 February
    since = datetime(2026, 2, 2, 12, tzinfo=UTC)
    form_submission(version, uuid4(), at=since, profile_id=anna.pk)
    form_submission(version, uuid4(), at=since + 5 * DAY, profile_id=anna.pk)
    form_submission(version, uuid4(), at=since, profile_id=bo.pk)
    form_submission(version, uuid4(), at=since, profile_id=None)
    figures = total(form)
    assert (figures.people, figures.orders, figures.revenue) == (2, 1, 200.0)
    order(bo, since + 8 * DAY, 55.5)
    order(bo, since + 8 * DAY, 9.0, metric="Viewed Product")
    assert (total(form).orders, total(form).revenue) == (2, 255.5)
    assert total(form, revenue_days=7).revenue == 200.0


def test_the_days_after_a_submission_are_half_open_and_end_now(
    account: Account, people: list[Profile]
) -> None:
    form, version = live_form(account)
    bo, since = people[1], AT - 10 * DAY
    form_submission(version, uuid4(), at=since, profile_id=bo.pk)
    order(bo, since, 1.0)
    order(bo, since + 7 * DAY - timedelta(seconds=1), 2.0)
    order(bo, since + 7 * DAY, 4.0)
    order(bo, AT, 8.0)
    order(bo, AT + DAY, 16.0)
    order(bo, since - timedelta(seconds=1), 32.0)
    assert total(form, revenue_days=7).revenue == 3.0
    assert total(form, revenue_days=30).revenue == 15.0


def test_an_amount_that_is_no_number_costs_nobody_the_others(
    account: Account, people: list[Profile]
) -> None:
    form, version = live_form(account)
    form_submission(version, uuid4(), at=AT - DAY, profile_id=people[1].pk)
    order(people[1], AT, 5.0)
    order(people[1], AT, 7.0)
    Event.objects.filter(value=7.0).update(value=float("inf"))
    figures = total(form)
    assert (figures.orders, figures.revenue) == (2, 5.0)


def test_orders_are_those_of_the_first_submission_s_part(
    account: Account, people: list[Profile]
) -> None:
    form, version = live_form(account)
    bo = people[1]
    form_submission(version, uuid4(), at=AT - 3 * DAY, profile_id=bo.pk, device="phone")
    form_submission(version, uuid4(), at=AT - 2 * DAY, profile_id=bo.pk, device="desktop")
    order(bo, AT - DAY, 5.0)
    by_device = count_figures(form, RANGE, Breakdown.DEVICE, at=AT)
    assert by_device == {
        "phone": FormFigures(submissions=1, people=1, orders=1, revenue=5.0),
        "desktop": FormFigures(submissions=1),
    }


# --- against a second count ----------------------------------------------------------------------

DAYS = st.integers(0, 40).map(lambda back: AT - back * DAY)
PAGES, DEVICES = st.sampled_from(["/", "/tea", ""]), st.sampled_from(["phone", "desktop"])
VISITS = st.tuples(st.integers(0, 5), st.integers(0, 1), DAYS, PAGES, DEVICES)
"""Display, version, time, page, device."""
SUBMISSIONS = st.tuples(st.one_of(st.none(), st.integers(0, 5)), VISITS, st.integers(-1, 2))


@pytest.mark.parametrize("by", list(Breakdown))
@settings(
    max_examples=draws(15, nightly=400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    visits=st.lists(VISITS, max_size=8, unique_by=lambda visit: visit[0]),
    submissions=st.lists(SUBMISSIONS, max_size=10),
    orders=st.lists(st.tuples(st.integers(0, 2), DAYS), max_size=6),
    first=st.integers(0, 40),
    length=st.integers(1, 30),
    blocks=st.sets(st.integers(0, 7)),
)
def test_figures_are_those_of_a_second_count(
    by: Breakdown,
    visits: list[Any],
    submissions: list[Any],
    orders: list[Any],
    first: int,
    length: int,
    blocks: set[int],
    shop: Account,
) -> None:
    form, versions = form_of(shop)
    metric, _created = Metric.objects.get_or_create(
        account=shop, name="Placed Order", defaults={"created": AT}
    )
    keys = [uuid4() for _ in range(6)]
    for place, (number, version, at, page, device) in enumerate(visits):
        form_view(versions[version], at=at, page=page, device=device, key=keys[number])
        if place in blocks:
            assert count_block()
    rows = []
    for number, (_display, version, at, page, device), person in submissions:
        rows.append(
            form_submission(
                versions[version],
                None if number is None else keys[number],
                at=at,
                page=page,
                device=device,
                profile_id=None if person < 0 else 1_000 + person,
            )
        )
    for person, at in orders:
        Event.objects.create(
            account=shop,
            profile_id=1_000 + person,
            metric=metric,
            time=at,
            received=at,
            value=2.0,
            properties={},
            unique_id=str(uuid4()),
        )
    days = DayRange(
        AT.date() - timedelta(days=first), AT.date() - timedelta(days=first - length + 1)
    )
    expected = second_count(list(FormView.objects.all()), rows, list(Event.objects.all()), days, by)
    assert count_figures(form, days, by, at=AT) == expected


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count each view into a block as soon as `count_block` is called."""
    monkeypatch.setattr(view_counts, "LEAST", 1)


def form_of(account: Account) -> tuple[Form, list[FormVersion]]:
    """The form of an account with two variants; without rows."""
    FormView.objects.all().delete()
    FormViewCount.objects.all().delete()
    FormSubmission.objects.all().delete()
    Event.objects.all().delete()
    form = Form.objects.filter(account=account).first()
    if form is None:
        form, _version = live_form(account)
        add_variant(form=form, at=AT)
        publish(form=form, user=None, at=AT)
    return form, list(
        form.versions.order_by("variant__letter").select_related("variant", "account")
    )


def second_count(
    views: list[FormView],
    submissions: list[FormSubmission],
    orders: list[Event],
    days: DayRange,
    by: Breakdown,
) -> dict[Any, FormFigures]:
    """The figures, counted row by row."""
    parts: dict[Any, FormFigures] = defaultdict(FormFigures)

    def add(row: FormView | FormSubmission, **figures: Any) -> None:
        if days.first <= row.day <= days.last:
            parts[PARTS[by](row)] += FormFigures(**figures)

    for view in views:
        add(view, views=1)
    displays: dict[UUID, FormSubmission] = {}
    submitters: dict[int, FormSubmission] = {}
    for row in sorted(submissions, key=lambda row: (row.at, row.pk)):
        displays.setdefault(row.view or row.key, row)
        if row.profile_id is not None:
            submitters.setdefault(row.profile_id, row)
    for row in displays.values():
        add(row, submissions=1)
    for profile_id, row in submitters.items():
        mine = [
            event
            for event in orders
            if event.profile_id == profile_id and row.at <= event.time < row.at + 30 * DAY
        ]
        add(row, people=1, orders=len(mine), revenue=2.0 * len(mine))
    return dict(parts)


PARTS: dict[Breakdown, Callable[[Any], Any]] = {
    Breakdown.DAY: lambda row: row.day,
    Breakdown.VARIANT: lambda row: row.version.variant.letter,
    Breakdown.VERSION: lambda row: row.version_id,
    Breakdown.PAGE: lambda row: row.page,
    Breakdown.DEVICE: lambda row: row.device,
}


# --- many writers --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_many_writers_have_committed_is_what_is_counted(account: Account) -> None:
    form, version = live_form(account)

    def write(device: str) -> int:
        for number in range(25):
            key = form_view(version, device=device)
            if number % 5 == 0:
                form_submission(version, key, device=device)
            figures = count_figures(form, RANGE, Breakdown.DEVICE, at=AT)[device]
            assert (figures.views, figures.submissions) == (number + 1, number // 5 + 1)
        return 25

    def make_blocks() -> int:
        for _ in range(40):
            count_block()
        return 0

    devices = ("phone", "tablet", "desktop")
    writes = at_once(*(partial(write, device) for device in devices), make_blocks, make_blocks)
    assert total(form).views == sum(writes)
    assert total(form).submissions == 15
    assert block_end() > 0
    count_block()
    assert total(form).views == sum(writes)


@pytest.mark.django_db(transaction=True)
def test_a_view_that_is_committed_after_later_ones_is_in_the_next_block(
    account: Account,
) -> None:
    form, version = live_form(account)
    is_written, is_tried = Signal(), Signal()

    def write_slowly() -> bool:
        with transaction.atomic():
            form_view(version)
            is_written.set()
            assert is_tried.wait(30)
        return True

    def write_and_count() -> bool:
        assert is_written.wait(30)
        form_view(version)
        result = count_block()
        is_tried.set()
        return result

    assert at_once(write_slowly, write_and_count) == [True, False]
    assert block_end() == 0
    assert total(form).views == 2
    assert count_block()
    assert not count_block()
    assert block_end() > 0
    assert total(form).views == 2
    form_view(version)
    assert total(form).views == 3


def test_few_views_are_not_worth_a_block(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_counts, "LEAST", 100)
    _form, version = live_form(account)
    form_view(version)
    FormView.objects.update(id=99)
    assert not count_block()
    FormView.objects.update(id=100)
    assert count_block()


def test_a_block_has_a_limited_size(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_counts, "MOST", 2)
    form, version = live_form(account)
    ids = [10, 11, 9_000, 9_100, 2_000_000]
    for number in ids:
        key = form_view(version)
        FormView.objects.filter(key=key).update(id=number)
    ends = []
    while count_block():
        ends.append(block_end())
        assert total(form).views == 5
    assert ends == [11, 9_100, 2_000_000]
    count_views()
