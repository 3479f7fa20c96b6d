"""A shop under a database clock that a test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from profiles.models import (
    Cause,
)
from segmenter.accounts.models import Account
from segments.engine import build_queue, edges
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.dependencies import plan_of
from segments.engine.editing import save_segment
from segments.engine.live import accounts_due, follow
from segments.engine.queries import resolve_names
from segments.engine.watermark import watermark
from segments.models import (
    Build,
    Membership,
)
from tests.builders.definitions import ALL_TIME, about, both, in_group, never, once, when
from tests.live.judge import expect_right
from tests.live.steps import did, events, new_account, people

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Present:
    """The database's time: fixed until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Shop:
    """An account with windows of many kinds, whose people buy all the time."""

    def __init__(self, at: datetime = START) -> None:
        self.present = Present(at)
        self.account = new_account("Europe/Stockholm", at)
        self.count = 0
        people(self.account, at, *({"external_id": f"p{n}"} for n in range(21)))
        self.bought("p0")
        for name, definition in SEGMENTS.items():
            save_segment(
                account=self.account,
                user=None,
                name=name,
                definition=resolve_names(self.account, definition),
                at=at,
            )
        self.work()

    @property
    def at(self) -> datetime:
        return self.present.at

    def bought(self, *who: str, after: timedelta = timedelta()) -> None:
        for each in who:
            self.count += 1
            record = did("Bought", each, self.at + after, unique_id=str(self.count))
            events(self.account, self.at, record)

    def work(self) -> None:
        """What beat and workers do within a minute."""
        for _sweep in range(3):
            if self.account.pk in accounts_due(self.at):
                follow(Account.objects.get(pk=self.account.pk), self.at, clock=self.present)
            for build_id in Build.objects.filter(finished=None).values_list("pk", flat=True):
                run_build(build_id, self.at, clock=self.present)

    @transaction.atomic
    def build_again(self) -> None:
        build_queue.rebuild(plan_of(self.account.pk), cause=Cause.DEFINITION, at=self.at)

    def pass_time(self, by: timedelta) -> None:
        self.present.at += by
        self.work()

    def expect_right(self) -> None:
        """Compare members with the oracle; check the audit and the watermark."""
        assert not Build.objects.filter(finished=None).exists()
        expect_right(self.account, self.at)
        mark = watermark(self.account, self.at)
        assert not mark.ahead
        assert not mark.is_late
        assert audit(self.account, self.at, clock=self.present).differences == 0

    def members(self, name: str) -> set[str]:
        rows = Membership.objects.filter(account=self.account, segment__name=name)
        return {str(row.profile.external_id) for row in rows.select_related("profile")}


SEGMENTS = {
    "Last hour": both(once("Bought", when("in-the-last", 1, unit="hour"))),
    "Not for a day": both(never("Bought", when("in-the-last", 1, unit="day"))),
    "Ever": both(once("Bought", ALL_TIME)),
    "Active lately": both(about("last_active", when("in-the-last", 2, unit="hour"))),
    "New": both(about("created", when("in-the-last", 2, unit="day"))),
    "Long a buyer": both(
        in_group("Letter", inside=False), once("Bought", when("at-least", 2, unit="hour"))
    ),
}


@pytest.fixture(autouse=True)
def nobody_else_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_queue.new_build, "subscribers", [])
    monkeypatch.setattr(edges, "MOST_MIDNIGHTS", 4)  # a catch-up of 400 days takes its time
    monkeypatch.setattr(edges, "MOST_MINUTES", 10)
