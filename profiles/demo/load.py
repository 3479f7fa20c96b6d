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
_PROGRESS_EVERY = 50_000

Facts = Callable[[datetime], Iterator[dict[str, Any]]]
"""(the moment at which the data ends) -> records of the exchange format."""


@dataclass(frozen=True)
class DemoShop:
    """An account of the demo and its data."""

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

    With None, an existing user keeps theirs; a new one gets a password that is printed once.
    """
    user = User.objects.filter(email=email).first()
    if user is None:
        new_password = password or secrets.token_urlsafe(9)
        user = User.objects.create_user(email, new_password, name="Demo")
        if password is None:
            tell(f"Made the login {email} with the password {new_password}")
    elif password is not None and not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def load_shop(shop: DemoShop, *, owner: User, at: datetime, tell: Callable[[str], None]) -> bool:
    """Fill a shop's account and then add its owner; return False if it was complete already.

    The owner's seat marks a complete account, so that the next run completes an interrupted one.
    The data ends at the start of the day, in the account's zone, on which the account was created,
    so that both runs have the same data.
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
    say("people", _ingest(shop.people(ends), people, lambda _count: None))
    say("events", _ingest(_share_people(shop.events(ends)), events, partial(say, "events")))
    Seat.objects.create(user=owner, account=account, role=Role.OWNER)
    return True


def _ingest(
    facts: Iterator[dict[str, Any]],
    ingest: Callable[..., IngestResult],
    tell: Callable[[int], None],
) -> int:
    """Ingest all records in batches; return how many were stored or unchanged."""
    count = 0
    last_report = 0
    while batch := list(islice(facts, BATCH)):
        outcome = ingest(records=batch)
        _check(outcome, batch)
        count += outcome.accepted + outcome.unchanged
        if count - last_report >= _PROGRESS_EVERY:
            last_report = count
            tell(count)
    return count


def _share_people(events: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Parse each person once for all of their events: parsing takes time."""
    people: dict[tuple[tuple[str, str], ...], ProfileRecord] = {}
    for event in events:
        if "profile" in event:
            identifiers = tuple(event["profile"].items())
            if identifiers not in people:
                people[identifiers] = read_profile(event["profile"])
            event["profile"] = people[identifiers]
        yield event


def _check(outcome: IngestResult, batch: Sequence[dict[str, Any]]) -> None:
    if outcome.rejected:
        rejection = outcome.rejected[0]
        raise ValueError(f"{rejection.problem.message} {batch[rejection.index]}")


def _say(tell: Callable[[str], None], shop: str, noun: str, count: int) -> None:
    tell(f"{shop}: {count:,} {noun}")
