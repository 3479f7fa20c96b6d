"""No row is missed or seen too early, in whatever order transactions commit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from profiles.columns.mirror import compaction, upkeep
from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account
from tests.profiles.columns.mirror.comparing import expect_the_answers, expect_the_same, mirror_of
from tests.profiles.columns.mirror.shop import NOON, Shop

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_no_row_is_missed_when_transactions_commit_out_of_order(
    shop: Account, django_db_blocker: DjangoDbBlocker
) -> None:
    life = Shop(shop, 11)
    life.people(6)
    life.events(20)
    has_stored, go_on = Signal(), Signal()

    def slow(number: int) -> None:
        """Store events now, commit them when `go_on` is set."""
        try:
            with django_db_blocker.unblock(), transaction.atomic():
                records = [
                    {
                        "metric": "Bought",
                        "time": NOON,
                        "unique_id": f"slow {number} {n}",
                        "properties": {"Item": "late"},
                        "profile": {"external_id": f"slow{number}-{n % 2}"},
                    }
                    for n in range(5)
                ]
                ingest_events(account=shop, records=records, at=NOON)
                has_stored.set()
                assert go_on.wait(30)
        finally:
            connections.close_all()

    for number, make in enumerate((upkeep.build, compaction.compact, None)):
        has_stored.clear()
        go_on.clear()
        if number:
            expect_the_same(shop)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(slow, number)
            assert has_stored.wait(30)
            records = [
                {
                    "metric": "Bought",
                    "time": NOON,
                    "unique_id": f"quick {number} {n}",
                    "profile": {"external_id": "p1"},
                }
                for n in range(5)
            ]
            ingest_events(account=shop, records=records, at=NOON)
            if make is not None:
                assert make(shop, NOON) is not None
            expect_the_same(shop)
            go_on.set()
            future.result()
        expect_the_same(shop)
        expect_the_answers(shop)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_there_for_others(shop: Account) -> None:
    life = Shop(shop, 12)
    life.people(6)
    mirror_of(shop)
    expect_the_same(shop)
    with transaction.atomic():
        life.events(10)
        life.people(3)
        expect_the_same(shop)
        transaction.set_rollback(True)
    expect_the_same(shop)
    expect_the_answers(shop)
