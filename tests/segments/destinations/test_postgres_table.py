"""A table in another database equals the segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.destinations import editing
from segments.destinations.editing import ListPlan
from segments.destinations.kind import DestinationAccess
from segments.destinations.kinds.postgres_table import PostgresTable
from segments.engine.remote_call import ApiFailure, NeedsAttention, TryAgain
from segments.models import ConnectionState, Destination, Segment
from tests.fixtures.cast import AT
from tests.segments.destinations.shop import DAY, HOUR, leave, let_in, new_segment, run
from tests.segments.destinations.stand_ins.postgres_table import ShopDatabase, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None, settings: Settings) -> Iterator[ShopDatabase]:
    with receiver(settings) as database:
        yield database


def access(shop: ShopDatabase, table: str) -> DestinationAccess:
    return replace(shop.access, settings={"table": table})


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account)


def new_table(segment: Segment, shop: ShopDatabase, **changed: Any) -> Destination:
    values = {"dsn": shop.dsn, "table": changed.pop("table", "people")}
    plan = ListPlan(values, **changed)
    return editing.create(segment=segment, kind="postgres_table", plan=plan, user=None, at=AT)


def test_the_table_is_made_and_equals_the_segment(shop: ShopDatabase, segment: Segment) -> None:
    anna, bo = let_in(
        segment,
        {"email": "anna@example.com", "properties": {"Points": 12.5, "Tags": ["a"], "VIP": True}},
        {"external_id": "B-1", "first_name": "Bo"},
    )
    destination = new_table(segment, shop, columns=("Points", "Tags", "VIP"), table='my "people"')
    run(destination)
    rows = shop.query(
        'SELECT profile_id, email, first_name, "Points", "Tags", "VIP" FROM "my ""people"""'
    )
    assert sorted(rows) == [
        (anna.pk, "anna@example.com", None, 12.5, ["a"], True),
        (bo.pk, None, "Bo", None, None, None),
    ]
    types = shop.query("SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attnum > 6")
    assert ("Points", "double precision") in types
    leave(segment, bo, AT + HOUR)
    ingest_profiles(
        account=segment.account, records=[{"id": anna.pk, "first_name": "Anna"}], at=AT + HOUR
    )
    run(destination, AT + HOUR)
    assert shop.query('SELECT first_name FROM "my ""people"""') == [("Anna",)]


def test_what_others_did_in_the_table_is_repaired(shop: ShopDatabase, segment: Segment) -> None:
    anna, _bo = let_in(segment, {"email": "anna@example.com"}, {"email": "bo@example.com"})
    destination = run(new_table(segment, shop))
    shop.execute(f"DELETE FROM people WHERE profile_id = {anna.pk}")
    shop.execute("INSERT INTO people (profile_id) VALUES (-7)")
    run(destination, AT + DAY)
    assert sorted(shop.query("SELECT email FROM people")) == [
        ("anna@example.com",),
        ("bo@example.com",),
    ]


def test_a_table_in_a_schema_with_columns_of_its_own_is_used_as_it_is(
    shop: ShopDatabase, segment: Segment
) -> None:
    shop.execute("CREATE SCHEMA marketing")
    shop.execute(
        "CREATE TABLE marketing.people (profile_id bigint PRIMARY KEY, note text DEFAULT 'new',"
        ' "Points" integer)'
    )
    let_in(
        segment,
        {"email": "anna@example.com", "properties": {"Points": 12.5}},
        {"email": "bo@example.com", "properties": {"Points": 3}},
    )
    run(new_table(segment, shop, table="marketing.people", columns=("Points",)))
    assert sorted(shop.query('SELECT email, note, "Points" FROM marketing.people')) == [
        ("anna@example.com", "new", None),
        ("bo@example.com", "new", 3),
    ]


def test_only_whom_the_table_refuses_is_refused(shop: ShopDatabase, segment: Segment) -> None:
    shop.execute("CREATE TABLE people (profile_id bigint PRIMARY KEY, email text UNIQUE NOT NULL)")
    let_in(segment, {"email": "anna@example.com"}, {"external_id": "B-1"})
    destination = run(new_table(segment, shop))
    assert shop.query("SELECT email FROM people") == [("anna@example.com",)]
    (refusal,) = destination.members.exclude(refusal="")
    assert "not-null" in refusal.refusal


def test_a_server_that_is_away_is_tried_again(shop: ShopDatabase, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    destination = new_table(segment, shop)
    shop.door.shut()
    run(destination)
    assert destination.state == ConnectionState.ON
    assert destination.failures == 1
    shop.door.open()
    run(destination, destination.next_at)
    assert shop.query("SELECT email FROM people") == [("anna@example.com",)]


@pytest.mark.parametrize(
    "table", ["", "a.b.c", "x" * 64, "."], ids=["empty", "three parts", "long", "no parts"]
)
def test_a_table_that_cannot_be_is_refused(shop: ShopDatabase, table: str) -> None:
    with pytest.raises(NeedsAttention):
        PostgresTable().check(access(shop, table))


@pytest.mark.parametrize("definition", ["profile_id text", "profile_id bigint"])
def test_a_table_with_another_key_needs_attention(shop: ShopDatabase, definition: str) -> None:
    shop.execute(f"CREATE TABLE people ({definition})")
    with pytest.raises(NeedsAttention):
        PostgresTable().check(shop.access)
    assert shop.query("SELECT count(*) FROM pg_attribute WHERE attrelid = 'people'::regclass") == [
        (7,)
    ]


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("rubbish", NeedsAttention),
        ("postgresql://u:p@/shop", NeedsAttention),
        ("host=/tmp user=u password=p dbname=shop", NeedsAttention),
        ("postgresql://u:p@a,b/shop", NeedsAttention),
        ("postgresql://u@example.com/shop", NeedsAttention),
        ("postgresql://u:p@example.com/shop?sslmode=disable", NeedsAttention),
        ("postgresql://u:p@example.com/shop?sslrootcert=/etc/passwd", NeedsAttention),
        ("postgresql://u:p@example.com/shop?service=x", NeedsAttention),
        ("postgresql://u:p@example.com/shop?hostaddr=10.0.0.1", NeedsAttention),
        ("postgresql://u:p@127.0.0.1:1/shop", TryAgain),
        ("postgresql://u:p@10.0.0.1/shop", TryAgain),
    ],
)
def test_an_address_that_is_not_allowed_is_not_connected_to(
    text: str, failure: type[ApiFailure]
) -> None:
    with pytest.raises(failure):
        PostgresTable().check(DestinationAccess({"table": "people"}, {"dsn": text}, 0))


def test_what_is_wrong_is_said_when_it_is_made(shop: ShopDatabase, segment: Segment) -> None:
    with pytest.raises(Invalid, match="PostgreSQL table says"):
        new_table(segment, shop, table="a.b.c")
    assert not Destination.objects.exists()
