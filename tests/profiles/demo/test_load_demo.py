"""The demo is loaded once, whole, and completed after a run that was killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from django.core.management import call_command

from profiles.demo import cdnow, load, made_up_shop
from profiles.demo.load import DemoShop, demo_owner, demo_shops, load_shop
from profiles.models import Event, Profile
from segmenter.accounts.models import Account, Role, Seat, User

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PEOPLE = 60
LOGGED = 200


def a_shop() -> DemoShop:
    return DemoShop(
        slug="shop",
        name="A shop",
        time_zone=made_up_shop.TIME_ZONE,
        people=lambda ends: made_up_shop.people(size=PEOPLE, ends=ends),
        events=lambda ends: made_up_shop.events(size=PEOPLE, ends=ends),
    )


def a_log(*, shift: bool) -> DemoShop:
    return DemoShop(
        slug="log",
        name="A log",
        time_zone=cdnow.TIME_ZONE,
        people=lambda ends: islice(cdnow.people(ends=ends, shift=shift), LOGGED),
        events=lambda ends: islice(cdnow.events(ends=ends, shift=shift), LOGGED),
    )


def ignore(line: str) -> None:
    """Take a line of progress."""


@pytest.fixture
def owner() -> User:
    return demo_owner(email="demo@example.com", password="a good one", tell=ignore)


def rows() -> list[tuple[Any, ...]]:
    events = Event.objects.order_by("unique_id", "metric__name")
    return list(events.values_list("unique_id", "metric__name", "time", "value", "properties"))


def test_a_shop_is_loaded_and_given_to_its_owner(owner: User) -> None:
    lines: list[str] = []
    assert load_shop(a_shop(), owner=owner, at=AT, tell=lines.append)
    account = Account.objects.get(slug="shop")
    ends = account.created.astimezone(account.zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    expected = list(made_up_shop.events(size=PEOPLE, ends=ends))
    assert Profile.objects.filter(account=account).count() == PEOPLE
    assert Event.objects.filter(account=account).count() == len(expected)
    assert Seat.objects.get(account=account).role == Role.OWNER
    assert lines == [f"A shop: {PEOPLE} people", f"A shop: {len(expected):,} events"]


def test_a_second_load_does_nothing(owner: User) -> None:
    load_shop(a_shop(), owner=owner, at=AT, tell=ignore)
    erased = Profile.objects.order_by("id").first()
    assert erased is not None
    erased.delete()
    assert not load_shop(a_shop(), owner=owner, at=AT + timedelta(days=3), tell=ignore)
    assert Profile.objects.count() == PEOPLE - 1


def test_a_killed_load_is_completed_with_the_same_facts(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BATCH", 500)
    shop = a_shop()

    def broken_off(ends: datetime) -> Iterator[dict[str, Any]]:
        yield from islice(shop.events(ends), 1_200)
        raise KeyboardInterrupt

    killed = DemoShop(shop.slug, shop.name, shop.time_zone, shop.people, broken_off)
    with pytest.raises(KeyboardInterrupt):
        load_shop(killed, owner=owner, at=AT, tell=ignore)
    assert len(rows()) == 1_000
    assert not Seat.objects.exists()

    later = AT + timedelta(days=2)
    assert load_shop(shop, owner=owner, at=later, tell=ignore)
    after = rows()
    Account.objects.all().update(slug="first")
    load_shop(
        DemoShop("second", shop.name, shop.time_zone, shop.people, shop.events),
        owner=owner,
        at=later,
        tell=ignore,
    )
    account = Account.objects.get(slug="second")
    at_once = Event.objects.filter(account=account).order_by("unique_id", "metric__name")
    assert after == list(
        at_once.values_list("unique_id", "metric__name", "time", "value", "properties")
    )


def test_the_log_keeps_its_dates_when_asked(owner: User) -> None:
    load_shop(a_log(shift=False), owner=owner, at=AT, tell=ignore)
    assert Event.objects.count() == LOGGED
    assert {event.time.year for event in Event.objects.all()} <= {1997, 1998}


def test_a_refused_fact_stops_the_load_and_names_it(owner: User) -> None:
    wrong = DemoShop(
        "wrong", "Wrong", "UTC", lambda ends: iter(()), lambda ends: iter([{"metric": "Odd"}])
    )
    with pytest.raises(ValueError, match="Odd"):
        load_shop(wrong, owner=owner, at=AT, tell=ignore)
    assert not Seat.objects.exists()


def test_the_login_gets_the_given_password_or_one_that_is_told() -> None:
    lines: list[str] = []
    first_owner = demo_owner(email="demo@example.com", password=None, tell=lines.append)
    assert first_owner.check_password(lines[0].split()[-1])
    second_owner = demo_owner(email="demo@example.com", password="another", tell=lines.append)
    assert second_owner.pk == first_owner.pk
    assert second_owner.check_password("another")
    third_owner = demo_owner(email="demo@example.com", password=None, tell=lines.append)
    assert third_owner.check_password("another")
    assert len(lines) == 1


def test_the_command_says_what_is_there_already(
    owner: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEGMENTER_DEMO_PASSWORD", "a good one")
    for shop in demo_shops():
        account = Account.objects.create(slug=shop.slug, name=shop.name, time_zone=shop.time_zone)
        Seat.objects.create(user=owner, account=account, role=Role.OWNER)
    call_command("load_demo")
    assert capsys.readouterr().out.splitlines() == [
        "Fjord & Field (made-up shop): there already",
        "CDNOW (real purchase log, 1997-1998): there already",
    ]
    assert not Profile.objects.exists()
