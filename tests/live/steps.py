"""What happens in a scenario: people, events, segments, and time that passes.

Facts are written through the product's own functions; definitions name metrics and lists by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import IngestResult, ingest_events, ingest_profiles
from profiles.models import List, Metric, Profile, ProfileChange
from segmenter.accounts.models import Account, create_account
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.live import follow
from segments.engine.queries import resolve_names
from segments.models import Build, Segment
from tests.builders.definitions import Json, both
from tests.live.judge import expect_edges, expect_right, last_row

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def new_account(
    zone: str,
    at: datetime,
    *,
    slug: str = "live",
    metrics: Iterable[str] = ("Bought", "Viewed", "Opened"),
    lists: Iterable[str] = ("Letter", "Buyers", "Alumni"),
) -> Account:
    """An account that knows some metrics and lists before anything happens."""
    account = create_account(slug=slug, time_zone=zone)
    for name in metrics:
        Metric.objects.create(account=account, name=name, created=at)
    for name in lists:
        List.objects.create(account=account, name=name, created=at, updated=at)
    return account


def people(account: Account, at: datetime, *records: Json) -> list[int]:
    """Take in people; every record must be good. Returns their ids."""
    outcome = ingest_profiles(account=account, records=records, at=at)
    return _good(outcome)


def events(account: Account, at: datetime, *records: Json) -> list[int]:
    """Take in events, whenever they happened; every record must be good."""
    return _good(ingest_events(account=account, records=records, at=at, times=FILE_TIMES))


def _good(outcome: IngestResult) -> list[int]:
    assert not outcome.rejected, outcome.rejected
    return [id_ for id_ in outcome.profile_ids if id_ is not None]


def did(metric: str, who: str, time: datetime, **more: Any) -> Json:
    """An event record; its time is what makes it unique."""
    return {
        "metric": metric,
        "time": time,
        "unique_id": time.isoformat(),
        "profile": {"external_id": who},
        **more,
    }


def profile_id(account: Account, who: str) -> int:
    return Profile.objects.values_list("pk", flat=True).get(account=account, external_id=who)


def segment(account: Account, at: datetime, name: str, *conditions: Json) -> Segment:
    """A new segment of conditions joined by AND, built."""
    return defined(account, at, name, both(*conditions))


def defined(
    account: Account, at: datetime, name: str, definition: Json, existing: Segment | None = None
) -> Segment:
    """Save a definition, as a new segment or another's, and build it."""
    saved = save_segment(
        account=account,
        user=None,
        name=name,
        definition=resolve_names(account, definition),
        at=at,
        segment=existing,
    )
    run_builds(account, at)
    saved.refresh_from_db()
    return saved


def run_builds(account: Account, at: datetime) -> None:
    """Run whatever builds wait, those that the builds themselves ask for too."""
    for _round in range(20):
        builds = list(Build.objects.filter(account=account, finished=None).order_by("pk"))
        if not builds:
            return
        for build in builds:
            run_build(build.pk, at, clock=lambda: at)
    raise AssertionError("builds ask for builds without end")


def settle(account: Account, at: datetime) -> None:
    """Let membership follow the time and the facts until nothing waits."""
    fresh = Account.objects.get(pk=account.pk)
    follow(fresh, at, clock=lambda: at)
    if Build.objects.filter(account=account, finished=None).exists():
        run_builds(fresh, at)
        follow(fresh, at, clock=lambda: at)
    unhandled = ProfileChange.objects.filter(Q(handled=None) | ~Q(error=""), account=account)
    assert not unhandled, list(unhandled.values())


class Watch:
    """Time that passes in an account; each step is compared with the oracle."""

    def __init__(self, account: Account, at: datetime) -> None:
        self.account, self.at = account, at
        self.flips = 0
        settle(account, at)
        expect_right(account, at)

    def on(self, at: datetime, *, quiet: bool = True) -> None:
        """Go on to `at`. `quiet`: nothing but time has passed, so flips are dated by it."""
        since, start = last_row(self.account), self.at
        settle(self.account, at)
        world = expect_right(self.account, at)
        if quiet:
            self.flips += expect_edges(world, self.account, since, start)
        self.at = at

    def through(self, end: datetime, step: timedelta) -> None:
        """Go on in equal steps up to `end`."""
        while self.at + step <= end:
            self.on(self.at + step)
