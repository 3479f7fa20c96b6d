"""Puts the large shop into Segmenter's own tables, and beside them as Parquet files.

Everything that ingest would leave behind is there: metrics, known properties, the bounds of each
person's activity. Indexes that the load would have to carry are dropped and made again as they
were. Nobody else may use the database meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from bench.large_shop import catalogue, tables
from bench.large_shop.draw import Shop
from profiles.models import List, Metric
from segmenter.accounts.models import Account, create_account

SLUG = "large-shop"
ZONE = "Europe/Stockholm"
_TABLES = ("event", "profile", "consent", "suppression", "listmember")
_EVENT_PROPERTIES = {
    catalogue.VIEWED: {
        "Item": "text",
        "Category": "text",
        "Price": "number",
        "URL": "text",
        "Seconds": "number",
    },
    catalogue.RECEIVED: {"Campaign": "text", "Subject": "text"},
    catalogue.OPENED: {"Campaign": "text", "Subject": "text"},
    catalogue.CLICKED: {"Campaign": "text", "Subject": "text", "URL": "text"},
    catalogue.CART: {
        "Item": "text",
        "Category": "text",
        "Price": "number",
        "URL": "text",
        "Quantity": "number",
    },
    catalogue.SEARCHED: {"Search term": "text", "Results": "number"},
    catalogue.CHECKOUT: {"Items": "list", "Item count": "number"},
    catalogue.ORDERED: {"Items": "list", "Item count": "number", "Discount code": "text"},
}
_PERSON_PROPERTIES = {
    "Loyalty points": "number",
    "Favourite colour": "text",
    "Size": "text",
    "VIP": "boolean",
    "Birthday": "text",
    "Topics": "list",
}


def load(shop: Shop, folder: Path, tell: Callable[[str], None]) -> Account:
    """Fill the empty migrated database and `folder`; report how long each part takes."""
    folder.mkdir()
    account = create_account(slug=SLUG, name="Large shop", time_zone=ZONE)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET session_replication_role = replica")  # the rows are known to be whole
    metrics, lists = _names(account, shop)
    started = perf_counter()

    def step(name: str) -> None:
        nonlocal started
        tell(f"{name}: {perf_counter() - started:.0f} s")
        started = perf_counter()

    with _without_indexes("profiles_event", tell):
        first, last = _load_events(shop, account, metrics, folder)
        step(f"{shop.events:,} events drawn and copied")
    step("indexes of the events")
    with _without_indexes("profiles_profile", tell, primary=False):
        _load_people(shop, account, lists, folder, first, last)
        step(f"{shop.profiles:,} people drawn and copied")
    step("indexes of the people")
    with connection.cursor() as cursor:
        for name in _TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('profiles_{name}', 'id'),"
                f" (SELECT max(id) FROM profiles_{name}))"
            )
        cursor.execute("SET session_replication_role = DEFAULT")
    return account


def settle() -> None:
    """Do now what autovacuum would do at some time. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
        cursor.execute("CHECKPOINT")


def _names(account: Account, shop: Shop) -> tuple[Any, list[int]]:
    """Make metrics, lists and known properties; return the ids of the first two."""
    at = shop.ends
    metrics = [
        Metric.objects.create(account=account, name=name, created=at) for name in catalogue.METRICS
    ]
    lists = [
        List.objects.create(account=account, name=name, created=at, updated=at)
        for name in catalogue.LISTS
    ]
    event_metrics = [(metrics[metric].pk, of) for metric, of in _EVENT_PROPERTIES.items()]
    with connection.cursor() as cursor:
        for metric_id, properties in [*event_metrics, (None, _PERSON_PROPERTIES)]:
            for name, kind in properties.items():
                cursor.execute(
                    "INSERT INTO profiles_property (account_id, metric_id, name, types, first_seen)"
                    " VALUES (%s, %s, %s, %s, %s)",
                    [account.pk, metric_id, name, [kind], at],
                )
    return np.array([metric.pk for metric in metrics]), [row.pk for row in lists]


def _load_events(shop: Shop, account: Account, metrics: Any, folder: Path) -> tuple[Any, Any]:
    """Return int64[n] each: the first and last time at which people did something, 0 for never."""
    never = np.iinfo(np.int64).max
    first, last = np.full(shop.profiles, never), np.full(shop.profiles, -never)
    columns = ("id", "metric_id", "profile_id", "time", "value", "unique_id", "properties")

    def blocks() -> Iterator[pa.Buffer]:
        id_ = 1
        for number, events in enumerate(shop.event_chunks()):
            table = tables.event_table(events, id_)
            pq.write_table(table, folder / f"events-{number:03}.parquet", compression="zstd")
            np.minimum.at(first, events.profiles, events.times)
            np.maximum.at(last, events.profiles, events.times)
            ids = pc.cast(table["id"].combine_chunks(), pa.string())
            yield _lines(
                account,
                ids,
                pa.array(metrics[events.metrics]),
                table["profile_id"],
                table["time"],
                table["value"],
                pc.binary_join_element_wise("e", ids, ""),
                tables.event_json(events),
                table["received"],
            )
            id_ += len(events)

    _copy("profiles_event", (*columns, "received"), blocks())
    return np.where(first == never, 0, first), np.where(last == -never, 0, last)


def _load_people(
    shop: Shop, account: Account, lists: list[int], folder: Path, first: Any, last: Any
) -> None:
    tables_by_name: dict[str, list[pa.Table]] = {}
    own = (
        "id",
        "email",
        "phone_number",
        "external_id",
        "first_name",
        "last_name",
        "city",
        "region",
        "country",
        "created",
        "first_active",
        "last_active",
    )
    points = {"point_latitude": "latitude", "point_longitude": "longitude"}
    for people in shop.people_chunks():
        here = slice(people.first, people.first + len(people))
        table = tables.people_table(people, first[here], last[here])
        updated = pc.coalesce(table["last_active"], table["created"])
        values = [*(table[name] for name in own), *(table[name] for name in points.values())]
        columns = [*own, *points, "updated", "properties"]
        lines = _lines(account, *values, updated, tables.people_json(table))
        _copy("profiles_profile", columns, [lines])
        consents, suppressions = tables.consent_table(people), tables.suppression_table(people)
        members = tables.member_table(people)
        on_list = pa.array(np.array(lists)[members["list"].to_numpy()])
        for name, rows in (
            ("consent", consents),
            ("suppression", suppressions),
            ("listmember", members.set_column(0, "list_id", on_list)),
        ):
            _copy(f"profiles_{name}", rows.column_names, [_lines(account, *rows.columns)])
        for name, rows in (
            ("people", table),
            ("consents", consents),
            ("suppressions", suppressions),
            ("list_members", members),
        ):
            tables_by_name.setdefault(name, []).append(rows)
    for name, parts in tables_by_name.items():
        whole = pa.concat_tables(parts).unify_dictionaries()
        pq.write_table(whole, folder / f"{name}.parquet", compression="zstd")


def _lines(account: Account, *columns: Any) -> pa.Buffer:
    """Rows in COPY's text form, the account's id last; no text here needs escaping."""
    texts = []
    for column in columns:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        texts.append(pc.fill_null(pc.cast(array, pa.string()), "\\N"))
    lines = pc.binary_join_element_wise(*texts, f"{account.pk}\n", "\t")
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)
    return lines.buffers()[2].slice(0, int(offsets[len(lines)]))


def _copy(table: str, columns: Sequence[str], blocks: Iterable[pa.Buffer]) -> None:
    names = ", ".join([*columns, "account_id"])
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for block in blocks:
            copy.write(memoryview(block))


@contextmanager
def _without_indexes(
    table: str, tell: Callable[[str], None], *, primary: bool = True
) -> Iterator[None]:
    """Drop a table's indexes, and make them again when the block ends; `primary` includes its key.

    A failure inside leaves them dropped: then the data folder is of no use.
    """
    kinds = ["u", "p"] if primary else ["u"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype::text = ANY(%s) ORDER BY conname",
            [table, kinds],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary AND NOT EXISTS"
            " (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _ in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
        for name, definition in constraints:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
