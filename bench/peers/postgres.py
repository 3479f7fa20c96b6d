"""PostgreSQL as one would tune it for this alone: typed columns, a partition for each metric.

A database of its own beside Segmenter's, in the same server. Events lie in the order of time;
texts that repeat are numbers into small tables; a session has memory to sort and hash in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bench.large_shop import catalogue
from bench.large_shop.tables import campaigns
from bench.peers.queries import NORDIC, Bounds, Dialect, count, queries
from bench.store import Store

_SETTINGS = {
    "work_mem": "'256MB'",
    "hash_mem_multiplier": "4",
    "max_parallel_workers_per_gather": "2",
    "min_parallel_table_scan_size": "'1MB'",
    "parallel_setup_cost": "100",
    "parallel_tuple_cost": "0.01",
    "effective_cache_size": "'8GB'",
    "jit": "off",
}
_TABLES = """
CREATE TABLE event (profile_id int, metric text, time bigint, value float8, item smallint,
    category text, price float8, seconds smallint, campaign smallint) PARTITION BY LIST (metric);
CREATE TABLE item (item smallint, name text);
CREATE TABLE people (id int, email text, email_status text, country text, favourite_colour text,
    latitude float8, longitude float8);
CREATE TABLE suppression (profile_id int);
CREATE TABLE list_member (list smallint, profile_id int);
"""
_INDEXES = """
CREATE INDEX ON event (time) INCLUDE (profile_id);
CREATE INDEX ON event (profile_id, time);
CREATE INDEX ON "Placed Order" (time) INCLUDE (profile_id, value);
CREATE INDEX ON "Viewed Product" (profile_id, time) INCLUDE (category);
CREATE INDEX ON "Viewed Product" (time) INCLUDE (profile_id, item);
CREATE INDEX ON "Received Email" (time) INCLUDE (profile_id, campaign);
CREATE INDEX ON "Opened Email" (time) INCLUDE (profile_id, campaign);
CREATE UNIQUE INDEX ON people (id);
CREATE INDEX ON people (latitude, longitude);
CREATE INDEX ON people (country) INCLUDE (id);
CREATE UNIQUE INDEX ON suppression (profile_id);
CREATE UNIQUE INDEX ON list_member (list, profile_id);
"""
_PARTITION = re.compile(r"FROM event( AS \w+)?\s+WHERE (?:\w+\.)?metric = '([^']+)'\s+AND")
"""One metric's events, which are read from its partition by name: then indexes alone can answer."""
_FUNNEL = """SELECT DISTINCT o.profile_id FROM event AS o
    WHERE o.metric = 'Placed Order' AND o.time >= {d365} AND o.time <= {now}
    AND EXISTS (SELECT FROM event AS c WHERE c.metric = 'Added to Cart'
        AND c.profile_id = o.profile_id AND c.time > o.time - {day} AND c.time < o.time
        AND EXISTS (SELECT FROM event AS v WHERE v.metric = 'Viewed Product'
            AND v.category = 'Outerwear' AND v.profile_id = o.profile_id
            AND v.time > o.time - {day} AND v.time < c.time AND v.time >= {d365}))"""
_ABANDONED = """SELECT c.profile_id FROM event AS c
    WHERE c.metric = 'Started Checkout' AND c.time <= {now} - {three_days}
    AND NOT EXISTS (SELECT FROM event AS o WHERE o.metric = 'Placed Order'
        AND o.profile_id = c.profile_id AND o.time > c.time AND o.time < c.time + {three_days})"""
_MAILS = (
    "SELECT DISTINCT profile_id, campaign FROM event WHERE metric = '{} Email'"
    " AND time >= {{d180}} AND time <= {{now}}"
)
DIALECT = Dialect(
    regex="email ~ '{pattern}'",
    linen="item IN (SELECT item FROM item WHERE name LIKE '%linen%')",
    funnel=_FUNNEL,
    abandoned=_ABANDONED,
    by_person="event",
    own={
        "distinct items": count(
            "SELECT profile_id FROM event WHERE metric = 'Viewed Product' AND time >= {d730}"
            f" AND time <= {{now}} AND profile_id IN ({NORDIC})"
            " GROUP BY profile_id HAVING count(DISTINCT item) >= 20"
        ),
        "ratio": count(
            f"SELECT r.profile_id FROM ({_MAILS.format('Received')}) AS r"
            f" LEFT JOIN ({_MAILS.format('Opened')}) AS o USING (profile_id, campaign)"
            " GROUP BY r.profile_id HAVING count(o.campaign) * 2 >= count(*)"
        ),
    },
)


class PostgreSQL:
    """The shop in plain tables, loaded at the first use. Needs the store's server running."""

    name = "PostgreSQL"

    def __init__(self, store: Store, bounds: Bounds) -> None:
        own = urlsplit(os.environ["DATABASE_URL"])
        with psycopg.connect(urlunsplit(own), autocommit=True) as segmenter:
            exists = segmenter.execute("SELECT FROM pg_database WHERE datname = 'peer'").fetchone()
            if exists is None:
                segmenter.execute("DROP DATABASE IF EXISTS peer_new")
                segmenter.execute("CREATE DATABASE peer_new")
                with self._connect(own, "peer_new") as new:
                    _load(new, store)
                segmenter.execute("ALTER DATABASE peer_new RENAME TO peer")
        self.connection = self._connect(own, "peer")
        for name, value in _SETTINGS.items():
            self.connection.execute(f"SET {name} = {value}")
        self.version = self.connection.info.parameter_status("server_version") or ""
        self.queries = {
            name: _PARTITION.sub(r'FROM "\2"\1 WHERE', query)
            for name, query in queries(DIALECT, bounds).items()
        }

    def count(self, name: str) -> int:
        """Count a segment by its name."""
        row = self.connection.execute(self.queries[name], prepare=True).fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        self.connection.close()

    @staticmethod
    def _connect(own: Any, name: str) -> psycopg.Connection:
        return psycopg.connect(urlunsplit(own._replace(path=f"/{name}")), autocommit=True)


def _load(connection: psycopg.Connection, store: Store) -> None:
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET synchronous_commit = off")
    connection.execute(_TABLES)
    numbers = {"item": catalogue.ITEMS, "campaign": campaigns()}
    items = pa.table({"item": np.arange(len(catalogue.ITEMS)), "name": list(catalogue.ITEMS)})
    _copy(connection, "item", [items])
    for metric in catalogue.METRICS:
        connection.execute(
            f"CREATE TABLE \"{metric}\" PARTITION OF event FOR VALUES IN ('{metric}')"
        )
        _copy(connection, "event", _events(store, metric, numbers))
    people = pq.read_table(store.parquet / "people.parquet")
    names = ("id", "email", "email_status", "country", "favourite_colour", "latitude", "longitude")
    _copy(connection, "people", [people.select(names)])
    suppressions = pq.read_table(store.parquet / "suppressions.parquet", columns=["profile_id"])
    _copy(connection, "suppression", [suppressions])
    members = pq.read_table(store.parquet / "list_members.parquet", columns=["list", "profile_id"])
    _copy(connection, "list_member", [members])
    connection.execute(_INDEXES)
    connection.execute("VACUUM (FREEZE, ANALYZE)")


def _events(store: Store, metric: str, numbers: Any) -> Iterator[pa.Table]:
    """The events of a metric in the order of time, a million at a time."""
    own = ("profile_id", "metric", "time", "value", "price", "seconds")
    columns = [*own, "item", "category", "campaign"]
    files = sorted(store.parquet.glob("events-*.parquet"))
    table = ds.dataset(files).to_table(columns=columns, filter=ds.field("metric") == metric)
    table = table.unify_dictionaries().combine_chunks().sort_by("time")
    for name, values in numbers.items():
        place = pc.index_in(pc.cast(table[name], pa.string()), pa.array(values))
        table = table.set_column(table.column_names.index(name), name, place)
    time = pc.cast(table["time"], pa.int64())
    table = table.set_column(table.column_names.index("time"), "time", time)
    for first in range(0, len(table), 1_000_000):
        yield table.slice(first, 1_000_000)


def _copy(connection: psycopg.Connection, name: str, tables: Any) -> None:
    for table in tables:
        texts = [
            pc.fill_null(pc.cast(column.combine_chunks(), pa.string()), "\\N") for column in table
        ]
        whole = pc.binary_join_element_wise(*texts, "\t")
        names = ", ".join(table.column_names)
        with connection.cursor().copy(f"COPY {name} ({names}) FROM STDIN") as copy:
            copy.write("\n".join(whole.to_pylist()) + "\n")
