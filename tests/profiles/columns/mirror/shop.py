"""A shop to which things happen, drawn from a seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.lists.editing import remove_from_list
from profiles.models import Cause, List, Profile
from segmenter.accounts.models import Account

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
METRICS = ("Bought", "Viewed", "Opened")
WORDS = ("linen", "Leinen", "åäö", "", "2026-03-01", "5", "true")
VALUES: tuple[Any, ...] = (*WORDS, 0, 5, 5.0, -1.5, 2**53 - 1, True, False, [], ["a", 1], {"a": 1})


class Shop:
    """A shop to which things happen, drawn from a seed."""

    def __init__(self, account: Account, seed: int) -> None:
        self.account, self.draw = account, random.Random(seed)
        self.names = 0

    def people(self, count: int) -> None:
        records = []
        for _ in range(count):
            if self.names and self.draw.random() < 0.4:
                name = f"p{self.draw.randrange(self.names)}"
            else:
                name = f"p{self.names}"
                self.names += 1
            records.append(self._person(name))
        at, cause = self._at(), Cause.IMPORT  # where consent may be without a date
        outcome = ingest_profiles(account=self.account, records=records, at=at, cause=cause)
        assert not outcome.rejected, outcome.rejected

    def _person(self, name: str) -> dict[str, Any]:
        draw = self.draw
        record: dict[str, Any] = {"external_id": name}
        if draw.random() < 0.5:
            record["email"] = f"{name}@{draw.choice(('a', 'b'))}.se"
        if draw.random() < 0.5:
            record["first_name"] = draw.choice((*WORDS, None))
        if draw.random() < 0.4:
            record["location"] = {
                "city": draw.choice(WORDS),
                "latitude": draw.choice((None, 59.3, -10.25)),
                "longitude": draw.choice((18.0, 3.5)),
            }
        if draw.random() < 0.6:
            names = draw.sample(("Colour", "Born", "Odd name: /\n'", "Late"), 2)
            record["properties"] = {each: draw.choice((*VALUES, None)) for each in names}
        if draw.random() < 0.3:
            record["lists"] = [{"name": draw.choice(("Letter", "VIP"))}]
        if draw.random() < 0.4:
            record["subscriptions"] = {
                draw.choice(("email", "sms")): {
                    "marketing": {
                        "consent": draw.choice(("SUBSCRIBED", "UNSUBSCRIBED")),
                        "consent_timestamp": draw.choice((None, self._past().isoformat())),
                    }
                }
            }
        return record

    def events(self, count: int) -> None:
        draw = self.draw
        records = []
        for _ in range(count):
            record: dict[str, Any] = {
                "metric": draw.choice(METRICS),
                "time": self._past() if draw.random() < 0.9 else NOON,
                "unique_id": str(draw.randrange(400)),
                "profile": {"external_id": f"p{draw.randrange(self.names + 1)}"},
            }
            if draw.random() < 0.5:
                record["value"] = draw.choice((0, 1.5, 99, -3))
            if draw.random() < 0.7:
                names = draw.sample(("Item", "Price", "Mixed"), 2)
                kinds = {"Item": WORDS, "Price": (0, 1, 2.5), "Mixed": VALUES}
                record["properties"] = {each: draw.choice(kinds[each]) for each in names}
            records.append(record)
        outcome = ingest_events(
            account=self.account, records=records, at=self._at(), times=FILE_TIMES
        )
        assert not outcome.rejected, outcome.rejected
        self.names += 1

    def erase(self) -> None:
        erase(account=self.account, profile_id=self._somebody(), at=self._at())

    def merge(self) -> None:
        keep, drop = self._somebody(), self._somebody()
        if keep != drop:
            merge(account=self.account, keep_id=keep, drop_id=drop, at=self._at())

    def leave(self) -> None:
        list_ = List.objects.filter(account=self.account).first()
        if list_:
            ids = [self._somebody() for _ in range(3)]
            remove_from_list(account=self.account, key=list_.key, profile_ids=ids, at=self._at())

    def anything(self) -> None:
        act = self.draw.choice((self.people, self.people, self.events, self.events, self.events))
        act(self.draw.randrange(1, 12))
        if self.draw.random() < 0.3 and Profile.objects.filter(account=self.account).count() > 3:
            self.draw.choice((self.erase, self.merge, self.leave))()

    def _somebody(self) -> int:
        ids = Profile.objects.filter(account=self.account).order_by("pk")
        return self.draw.choice(list(ids.values_list("pk", flat=True)))

    def _past(self) -> datetime:
        return NOON - timedelta(minutes=self.draw.randrange(600_000))

    def _at(self) -> datetime:
        return NOON + timedelta(seconds=self.draw.randrange(1_000))
