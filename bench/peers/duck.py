"""DuckDB: a database file with the events in both orders, texts as enumerations."""

from __future__ import annotations

import duckdb

from bench.peers.queries import Bounds, Dialect, queries
from bench.store import Store

THREADS = 2
_SORTS = {"event": "metric, time", "event_by_person": "metric, profile_id, time"}
_ENUMS = ("metric", "item", "category", "campaign")
_FUNNEL = """SELECT DISTINCT o.profile_id
    FROM (SELECT profile_id, time FROM event WHERE metric = 'Placed Order'
        AND time >= {d365} AND time <= {now}) AS o
    ASOF JOIN (SELECT profile_id, time FROM event WHERE metric = 'Added to Cart'
        AND time >= {d365} AND time <= {now}) AS c
        ON o.profile_id = c.profile_id AND o.time > c.time
    ASOF JOIN (SELECT profile_id, time FROM event WHERE metric = 'Viewed Product'
        AND category = 'Outerwear' AND time >= {d365} AND time <= {now}) AS v
        ON c.profile_id = v.profile_id AND c.time > v.time
    WHERE o.time < v.time + {day}"""
_ABANDONED = """SELECT c.profile_id
    FROM (SELECT profile_id, time FROM event WHERE metric = 'Started Checkout'
        AND time <= {now} - {three_days}) AS c
    ASOF LEFT JOIN (SELECT profile_id, time FROM event WHERE metric = 'Placed Order'
        AND time <= {now}) AS o ON c.profile_id = o.profile_id AND c.time < o.time
    WHERE o.time IS NULL OR o.time >= c.time + {three_days}"""
DIALECT = Dialect(
    regex="regexp_matches(email, '{pattern}')",
    linen="item IN (SELECT item FROM item WHERE contains(item::VARCHAR, 'linen'))",
    funnel=_FUNNEL,
    abandoned=_ABANDONED,
)


class DuckDB:
    """The shop in DuckDB, loaded at the first use."""

    name = "DuckDB"

    def __init__(self, store: Store, bounds: Bounds) -> None:
        file = store.peer("duckdb") / "shop.db"
        is_new = not file.exists()
        draft = file.with_suffix(".new")
        if is_new:
            draft.unlink(missing_ok=True)
            self._load(draft, store)
            draft.rename(file)
        self.connection = self._connect(file)
        self.version = duckdb.__version__
        self.queries = queries(DIALECT, bounds)

    def count(self, name: str) -> int:
        """Count a segment by its name."""
        row = self.connection.execute(self.queries[name]).fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        self.connection.close()

    @staticmethod
    def _connect(file: object) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(file))
        connection.execute(f"SET threads = {THREADS}")
        return connection

    def _load(self, file: object, store: Store) -> None:
        connection = self._connect(file)
        events = f"read_parquet('{store.parquet}/events-*.parquet')"
        for name in _ENUMS:
            connection.execute(
                f"CREATE TYPE {name}_name AS ENUM (SELECT DISTINCT {name} FROM {events}"
                f" WHERE {name} IS NOT NULL ORDER BY {name})"
            )
        typed = ", ".join(f"{name}::{name}_name AS {name}" for name in _ENUMS)
        for table, order in _SORTS.items():
            connection.execute(
                f"CREATE TABLE {table} AS SELECT profile_id::INTEGER AS profile_id, {typed},"
                f" epoch_us(time) AS time, value, price, seconds FROM {events} ORDER BY {order}"
            )
        connection.execute("CREATE TABLE item AS SELECT DISTINCT item FROM event")
        for table, what in {
            "people": "id::INTEGER AS id, email, email_status, country, favourite_colour,"
            " latitude, longitude FROM 'people.parquet' ORDER BY id",
            "suppression": "profile_id::INTEGER AS profile_id FROM 'suppressions.parquet'",
            "list_member": "list::TINYINT AS list, profile_id::INTEGER AS profile_id"
            " FROM 'list_members.parquet'",
        }.items():
            source = what.replace("FROM '", f"FROM '{store.parquet}/")
            connection.execute(f"CREATE TABLE {table} AS SELECT {source}")
        connection.execute("CHECKPOINT")
        connection.close()
