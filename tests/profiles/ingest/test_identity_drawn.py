"""The person of each record, over drawn sequences, compared with a slow and obvious oracle.

The oracle is written from the rules in docs/adr/0012: it looks through everybody for each record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.ingest.merge import merge
from profiles.ingest.store import IngestResult, ingest_events, ingest_profiles
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, create_account
from tests.draws import draws

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
RANKS = ("external_id", "email", "phone_number", "anonymous_id")
WRITTEN: dict[str, dict[Any, str | None]] = {
    "external_id": {"1": "1", "2": "2", 2: "2", "0": None, "NULL": None},
    "email": {
        "a@x.se": "a@x.se",
        " A@X.SE": "a@x.se",
        "b@x.se": "b@x.se",
        "mailto:B@x.se": "b@x.se",
        "c@x.se": "c@x.se",
        "guest": None,
    },
    "phone_number": {"+46701000001": "+46701000001", "+46 70-100 00 01": "+46701000001", "-": None}
    | {"+46701000002": "+46701000002"},
    "anonymous_id": {"d1": "d1", "d2": "d2", "undefined": None},
}
"""How an identifier is written, and what it means."""


@dataclass
class Person:
    known: dict[str, str] = field(default_factory=dict)
    into: Person | None = None
    """Whom they were merged into."""

    def now(self) -> Person:
        return self if self.into is None else self.into.now()


def weaker(name: str, led: str) -> bool:
    return led == "id" or RANKS.index(name) > RANKS.index(led)


@dataclass
class Oracle:
    """Everybody, one record after another."""

    people: list[Person] = field(default_factory=list)

    def holder(self, name: str, value: str) -> Person | None:
        holders = [one for one in self.people if one.known.get(name) == value]
        assert len(holders) <= 1
        return holders[0] if holders else None

    def take(self, record: dict[str, str], who: Person | None, door: str) -> Person | None:
        """Store a record, of the person `who` if it names one by our id; None if refused."""
        led = "id"
        if who is None:
            names = [name for name in RANKS if name in record]
            for place, name in enumerate(names):
                holder = self.holder(name, record[name])
                if holder is not None and not any(
                    holder.known.get(stronger, record[stronger]) != record[stronger]
                    for stronger in names[:place]
                ):
                    who, led = holder, name
                    break
        strangers = [
            name
            for name in ("external_id", "email", "phone_number")
            if name in record and self.holder(name, record[name]) not in (None, who)
        ]
        if strangers and door == "api":
            return None
        if who is None:
            who, led = Person(), "nothing"
            self.people.append(who)
        before = [(one, dict(one.known)) for one in self.people]
        for name in record:
            if name in strangers:
                continue
            holder = self.holder(name, record[name])
            if name == "anonymous_id" and holder not in (None, who):
                assert holder is not None
                del holder.known[name]
                who.known[name] = record[name]
            elif name not in who.known or (door != "event" and weaker(name, led)):
                who.known[name] = record[name]
        self.check(before, record, who, led)
        return who

    def check(
        self,
        before: list[tuple[Person, dict[str, str]]],
        record: dict[str, str],
        who: Person,
        led: str,
    ) -> None:
        """The promises, whatever the rules are."""
        by_name = led in ("id", "external_id")
        if "email" in record and not by_name:
            assert who.known.get("email") in (None, record["email"])
        for one, earlier in before:
            if one is not who:
                earlier.pop("anonymous_id", None)  # a device may move
                assert earlier.items() <= one.known.items()
            elif not by_name and "email" in earlier:
                assert one.known["email"] == earlier["email"]
            assert earlier.keys() <= one.known.keys()

    def merge(self, keep: Person, drop: Person) -> None:
        self.people.remove(drop)
        keep.known = {**drop.known, **keep.known}
        drop.known, drop.into = {}, keep


identifiers = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(list(written)) for name, written in WRITTEN.items()}
)
record = st.tuples(identifiers, st.none() | st.integers(0, 9))
"""Identifiers, and perhaps the place of an earlier person whom the record means by our id."""
rounds = st.lists(
    st.tuples(st.sampled_from(["file", "event"]), st.lists(record, min_size=1, max_size=6))
    | st.tuples(st.just("api"), st.lists(record, min_size=1, max_size=1))
    | st.tuples(st.just("merge"), st.tuples(st.integers(0, 9), st.integers(0, 9))),
    min_size=1,
    max_size=5,
)


def meaning(spelling: dict[str, Any]) -> dict[str, str]:
    meanings = {name: WRITTEN[name][value] for name, value in spelling.items()}
    return {name: meanings[name] for name in RANKS if meanings.get(name) is not None}  # type: ignore[misc]


class Shop:
    """An account that gets the same records as the oracle."""

    def __init__(self) -> None:
        self.account: Account = create_account(slug=uuid4().hex)
        self.stored = 0

    def store(self, door: str, records: list[dict[str, Any]]) -> IngestResult:
        if door != "event":
            return ingest_profiles(
                account=self.account,
                records=records,
                at=NOON,
                cause=Cause.IMPORT if door == "file" else Cause.PROPERTY,
                refuse_contested=door == "api",
            )
        self.stored += len(records)
        events = [
            {"metric": "Visited", "time": NOON, "unique_id": f"{self.stored}-{n}", "profile": who}
            for n, who in enumerate(records)
        ]
        return ingest_events(account=self.account, records=events, at=NOON)

    def known(self) -> dict[int, dict[str, str]]:
        rows = Profile.objects.filter(account=self.account).values("pk", *RANKS)
        return {row["pk"]: {name: row[name] for name in RANKS if row[name]} for row in rows}


@settings(
    max_examples=draws(40, nightly=150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rounds=rounds, whole=st.booleans())
def test_everybody_is_who_the_oracle_says(rounds: list[Any], whole: bool) -> None:
    oracle, shop = Oracle(), Shop()
    ids: list[tuple[Person, int]] = []
    """Whom each record was of, and the id that it got."""
    for door, records in rounds:
        if door == "merge":
            if not ids:
                continue
            (keep, keep_id), (drop, drop_id) = (ids[n % len(ids)] for n in records)
            if keep.now() is not drop.now():
                merge(account=shop.account, keep_id=keep_id, drop_id=drop_id, at=NOON)
                oracle.merge(keep.now(), drop.now())
            continue
        earlier = list(ids)
        batch: list[dict[str, Any]] = []
        expected: list[Person | None] = []
        for spelling, place in records:
            who = earlier[place % len(earlier)] if place is not None and earlier else None
            record = meaning(spelling)
            batch.append(spelling | ({"id": str(who[1])} if who else {}))
            if not record and who is None:
                expected.append(None)
            else:
                expected.append(oracle.take(record, who[0].now() if who else None, door))
        parts = [batch] if whole else [[one] for one in batch]
        outcomes = [shop.store(door, part) for part in parts]
        ids_of_records = [id_ for outcome in outcomes for id_ in outcome.profile_ids]
        assert [id_ is None for id_ in ids_of_records] == [one is None for one in expected]
        ids += [
            (one, id_) for one, id_ in zip(expected, ids_of_records, strict=True) if one and id_
        ]
        everybody = shop.known()
        people = {id(one): (one, id_) for one, id_ in ids}
        for one, id_ in people.values():
            if one.into is None:
                assert everybody.pop(id_) == one.known
        assert not everybody
