"""Puts the demo's two shops into accounts of their own, once, through profiles.ingest.store."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from profiles.demo import cdnow, made_up_shop
from profiles.ingest.parse import FILE_TIMES, ProfileRecord, read_profile
from profiles.ingest.store import IngestResult, ingest_events, ingest_profiles
from profiles.models import Cause
from segmenter.accounts.models import Account, Role, Seat, User, create_account

BATCH = 5_000
_TOLD_EVERY = 50_000

Facts = Callable[[datetime], Iterator[dict[str, Any]]]
"""Facts of the exchange format, given the moment at which the data is to end."""


@dataclass(frozen=True)
class DemoShop:
    """An account of the demo and what goes into it."""

    slug: str
    name: str
    time_zone: str
    people: Facts
    events: Facts


def demo_shops(*, shift: bool = True) -> tuple[DemoShop, ...]:
    """Return the made-up shop and the purchase log; `shift` moves the log's end to yesterday."""
    return (
        DemoShop(
            slug=made_up_shop.ACCOUNT_SLUG,
            name=made_up_shop.ACCOUNT_NAME,
            time_zone=made_up_shop.TIME_ZONE,
            people=lambda ends: made_up_shop.people(ends=ends),
            events=lambda ends: made_up_shop.events(ends=ends),
        ),
        DemoShop(
            slug=cdnow.ACCOUNT_SLUG,
            name=cdnow.ACCOUNT_NAME,
            time_zone=cdnow.TIME_ZONE,
            people=lambda ends: cdnow.people(ends=ends, shift=shift),
            events=lambda ends: cdnow.events(ends=ends, shift=shift),
        ),
    )


def demo_owner(*, email: str, password: str | None, tell: Callable[[str], None]) -> User:
    """Return the user who owns the demo's accounts, with this password.

    With None, a user who exists keeps theirs, and a new one gets one that is told, once.
    """
    user = User.objects.filter(email=email).first()
    if user is None:
        made = password or secrets.token_urlsafe(9)
        user = User.objects.create_user(email, made, name="Demo")
        if password is None:
            tell(f"Made the login {email} with the password {made}")
    elif password is not None and not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def load_shop(shop: DemoShop, *, owner: User, at: datetime, tell: Callable[[str], None]) -> bool:
    """Fill a shop's account and then give it its owner; return False if it was whole already.

    A seat in the account is the sign that it is whole, so what a killed run left is completed by
    the next. The data ends where the day began on which the account was made, in its zone, so
    that both runs mean the same facts.
    """
    account = Account.objects.filter(slug=shop.slug).first()
    if account is None:
        account = create_account(slug=shop.slug, name=shop.name, time_zone=shop.time_zone)
    elif account.seats.exists():
        return False
    ends = account.created.astimezone(account.zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    say = partial(_say, tell, shop.name)
    people = partial(ingest_profiles, account=account, at=at, cause=Cause.IMPORT)
    events = partial(ingest_events, account=account, at=at, cause=Cause.IMPORT, times=FILE_TIMES)
    say("people", _ingest(shop.people(ends), people, lambda done: None))
    say("events", _ingest(_with_read_people(shop.events(ends)), events, partial(say, "events")))
    Seat.objects.create(user=owner, account=account, role=Role.OWNER)
    return True


def _ingest(
    facts: Iterator[dict[str, Any]],
    ingest: Callable[..., IngestResult],
    tell: Callable[[int], None],
) -> int:
    """Ingest everything in batches; return how many records were taken."""
    taken = 0
    told = 0
    while batch := list(islice(facts, BATCH)):
        outcome = ingest(records=batch)
        _check(outcome, batch)
        taken += outcome.accepted + outcome.unchanged
        if taken - told >= _TOLD_EVERY:
            told = taken
            tell(taken)
    return taken


def _with_read_people(events: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Put one reading of each person into all of their events: reading takes time."""
    read: dict[tuple[tuple[str, str], ...], ProfileRecord] = {}
    for event in events:
        if "profile" in event:
            identifiers = tuple(event["profile"].items())
            if identifiers not in read:
                read[identifiers] = read_profile(event["profile"])
            event["profile"] = read[identifiers]
        yield event


def _check(outcome: IngestResult, batch: Sequence[dict[str, Any]]) -> None:
    if outcome.rejected:
        rejection = outcome.rejected[0]
        raise ValueError(f"{rejection.problem.message} {batch[rejection.index]}")


def _say(tell: Callable[[str], None], shop: str, noun: str, count: int) -> None:
    tell(f"{shop}: {count:,} {noun}")
