"""ClickHouse inside this process (chDB): MergeTree tables with the events in both orders.

Columns are not compressed: all of them lie in memory, and unpacking took longer than reading.
"""

from __future__ import annotations

import shutil

import chdb
from chdb.session import Session

from bench.large_shop.catalogue import ITEMS
from bench.large_shop.tables import campaigns
from bench.peers.queries import MAILS, NORDIC, Bounds, Dialect, count, queries
from bench.store import Store

THREADS = 2
_SORTS = {"event": "time", "event_by_person": "profile_id, time"}
_COLUMNS = """profile_id UInt32 CODEC(NONE), metric LowCardinality(String), time Int64 CODEC(NONE),
    value Float64 CODEC(NONE), item LowCardinality(String) CODEC(NONE),
    category LowCardinality(String) CODEC(NONE), price Float64 CODEC(NONE),
    seconds UInt16 CODEC(NONE), campaign LowCardinality(String) CODEC(NONE),
    item_number UInt16 CODEC(NONE), campaign_number UInt16 CODEC(NONE)"""
_FUNNEL = """SELECT profile_id FROM (SELECT profile_id,
        windowFunnel({day} - 1, 'strict_increase')(toUInt64(time), metric = 'Viewed Product',
            metric = 'Added to Cart', metric = 'Placed Order') AS steps
    FROM event_by_person WHERE time >= {d365} AND time <= {now}
        AND (metric IN ('Added to Cart', 'Placed Order')
            OR metric = 'Viewed Product' AND category = 'Outerwear')
    GROUP BY profile_id) WHERE steps = 3"""
_ABANDONED = """SELECT c.profile_id
    FROM (SELECT profile_id, time FROM event WHERE metric = 'Started Checkout'
        AND time <= {now} - {three_days}) AS c
    ASOF LEFT JOIN (SELECT profile_id, time FROM event WHERE metric = 'Placed Order'
        AND time <= {now}) AS o ON c.profile_id = o.profile_id AND c.time < o.time
    WHERE o.time = 0 OR o.time >= c.time + {three_days}"""
DIALECT = Dialect(
    regex="match(ifNull(email, ''), '{pattern}')",
    linen="item LIKE '%linen%'",
    funnel=_FUNNEL,
    abandoned=_ABANDONED,
    escape="\\\\",
    own={
        "distinct items": count(
            "SELECT profile_id FROM event_by_person WHERE metric = 'Viewed Product'"
            f" AND time >= {{d730}} AND time <= {{now}} AND profile_id IN ({NORDIC})"
            " GROUP BY profile_id HAVING uniqExact(item_number) >= 20"
        )
        + " SETTINGS optimize_aggregation_in_order = 1",
        "ratio": count(
            "SELECT profile_id FROM (SELECT profile_id, campaign_number,"
            " max(metric = 'Received Email') AS received, max(metric = 'Opened Email') AS opened"
            f" {MAILS} GROUP BY profile_id, campaign_number) GROUP BY profile_id"
            " HAVING sum(received) > 0 AND sum(received * opened) * 2 >= sum(received)"
        ),
    },
)


class ClickHouse:
    """The shop in ClickHouse, loaded at the first use. One a process."""

    name = "ClickHouse"

    def __init__(self, store: Store, bounds: Bounds) -> None:
        folder = store.peer("clickhouse")
        marker = folder / "loaded"
        if not marker.exists():
            shutil.rmtree(folder)
            folder.mkdir()
        self.session = Session(str(folder / "data"))
        self.session.query(f"SET max_threads = {THREADS}")
        if not marker.exists():
            self._load(store)
            marker.touch()
        self.session.query("USE shop")
        self.version = chdb.__version__
        self.queries = queries(DIALECT, bounds)

    def count(self, name: str) -> int:
        """Count a segment by its name."""
        return int(self.session.query(self.queries[name], "TSV").bytes())

    def close(self) -> None:
        self.session.close()

    def _load(self, store: Store) -> None:
        ask = self.session.query
        ask("CREATE DATABASE shop")
        ask("USE shop")
        source = f"file('{store.parquet}/{{}}.parquet', Parquet)"
        for table, order in _SORTS.items():
            ask(
                f"CREATE TABLE {table} ({_COLUMNS}) ENGINE = MergeTree PARTITION BY metric"
                f" ORDER BY ({order})"
            )
        item, campaign = (f"toLowCardinality(ifNull({name}, ''))" for name in ("item", "campaign"))
        ask(
            "INSERT INTO event SELECT profile_id, assumeNotNull(metric),"
            f" toUnixTimestamp64Micro(time), ifNull(value, 0), {item}, ifNull(category, ''),"
            f" ifNull(price, 0), ifNull(seconds, 0), {campaign},"
            f" indexOf({list(ITEMS)}, {item}), indexOf({list(campaigns())}, {campaign})"
            f" FROM {source.format('events-*')}"
        )
        ask("INSERT INTO event_by_person SELECT * FROM event")
        for table in _SORTS:
            ask(f"OPTIMIZE TABLE {table} FINAL")
        ask(
            "CREATE TABLE people (id UInt32, email Nullable(String),"
            " email_status LowCardinality(String), country LowCardinality(String),"
            " favourite_colour LowCardinality(String), latitude Float64, longitude Float64)"
            " ENGINE = MergeTree ORDER BY id"
        )
        ask(
            "INSERT INTO people SELECT id, email, ifNull(email_status, ''), ifNull(country, ''),"
            " ifNull(favourite_colour, ''), ifNull(latitude, 1000), ifNull(longitude, 1000)"
            f" FROM {source.format('people')}"
        )
        ask("CREATE TABLE suppression (profile_id UInt32) ENGINE = MergeTree ORDER BY profile_id")
        ask(f"INSERT INTO suppression SELECT profile_id FROM {source.format('suppressions')}")
        ask(
            "CREATE TABLE list_member (list UInt8, profile_id UInt32)"
            " ENGINE = MergeTree ORDER BY (list, profile_id)"
        )
        ask(f"INSERT INTO list_member SELECT list, profile_id FROM {source.format('list_members')}")
        for table in ("people", "suppression", "list_member"):
            ask(f"OPTIMIZE TABLE {table} FINAL")
