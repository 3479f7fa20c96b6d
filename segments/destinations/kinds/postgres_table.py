"""A table in the shop's own PostgreSQL that has one row for each member of the segment."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
import psycopg.sql as sql
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.destinations.kind import (
    Contact,
    DestinationAccess,
    KeyKind,
    Outcome,
    list_destinations,
)
from segments.destinations.shop_database import shop_database
from segments.engine.remote_call import ApiField, NeedsAttention
from segments.member_files.column import CellKind, Shop, find_column

KEY = "profile_id"
PAGE = 10_000
_BASE = ("email", "phone_number", "external_id", "first_name", "last_name")
_LONGEST = 63
"""Bytes of a name in PostgreSQL."""
_TYPES = {
    CellKind.TEXT: "text",
    CellKind.INTEGER: "bigint",
    CellKind.NUMBER: "double precision",
    CellKind.TRUTH: "boolean",
    CellKind.INSTANT: "timestamptz",
    CellKind.DAY: "date",
}
_OF_JSON = {"string": "text", "number": "double precision", "boolean": "boolean"}
_WHOLE = frozenset({"smallint", "integer", "bigint"})
_NUMBERS = _WHOLE | {"numeric", "real", "double precision"}
_Connection = psycopg.Connection[Any]


class PostgresTable:
    """Rows are found by the profile's id. Other columns of the table are left alone."""

    label = _("PostgreSQL table")
    text = _("A table in your own database that always holds exactly these people.")
    rank = 20
    key_kind = KeyKind.PROFILE
    batch = 1_000
    fields = (
        ApiField(
            "dsn",
            _("Database"),
            _("Such as postgresql://user:password@host:5432/database."),
            is_secret=True,
        ),
        ApiField(
            "table",
            _("Table"),
            _("Such as people, or marketing.people. It is made if there is none."),
        ),
    )
    takes_columns = True

    def check(self, access: DestinationAccess) -> str:
        with shop_database(access.secrets["dsn"]) as connection:
            _ensure(connection, access, ())
            _expect_rights(connection, access)
        return access.settings["table"]

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        if not people:
            return Outcome()
        names = [name for name in people[0].fields if _short(name) not in (KEY, *_BASE)]
        with shop_database(access.secrets["dsn"]) as connection:
            types = _ensure(connection, access, names)
            return Outcome(_upsert(connection, access, types, names, people))

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        if not keys:
            return Outcome()
        query = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)")
        with shop_database(access.secrets["dsn"]) as connection:
            connection.execute(
                query.format(_table(access), sql.Identifier(KEY)), [list(map(int, keys))]
            )
        return Outcome()

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]] | None:
        return _pages(access)


def _pages(access: DestinationAccess) -> Iterator[Sequence[str]]:
    query = sql.SQL("SELECT {key} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT %s")
    names = {"key": sql.Identifier(KEY), "table": _table(access)}
    last = -(2**63)
    with shop_database(access.secrets["dsn"]) as connection:
        _ensure(connection, access, ())
        while True:
            rows = connection.execute(query.format(**names), [last, PAGE]).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [str(key) for (key,) in rows]


def _table(access: DestinationAccess) -> sql.Identifier:
    """The table, with its schema if one is named."""
    parts = [part.strip() for part in access.settings["table"].split(".")]
    if len(parts) > 2 or not all(0 < len(part.encode()) <= _LONGEST for part in parts):
        raise NeedsAttention(gettext("A table is named as people, or as marketing.people."))
    return sql.Identifier(*parts)


def _ensure(
    connection: _Connection, access: DestinationAccess, names: Sequence[str]
) -> Mapping[str, str]:
    """Make the table and the columns that are missing; return the types of its columns."""
    table = _table(access)
    types = _types(connection, table)
    if not types:
        columns = [sql.SQL("{} bigint PRIMARY KEY").format(sql.Identifier(KEY))]
        columns += [sql.SQL("{} text").format(sql.Identifier(name)) for name in _BASE]
        create = sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})")
        connection.execute(create.format(table, sql.SQL(", ").join(columns)))
        types = _types(connection, table)
    if types.get(KEY) != "bigint" or not _is_key(connection, table):
        message = gettext("The table needs a column profile_id of the type bigint as its key.")
        raise NeedsAttention(message)
    missing = [name for name in (*_BASE, *names) if _short(name) not in types]
    if missing:
        shop = _shop(access) if names else None
        add = sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}")
        for name in missing:
            column = sql.Identifier(_short(name))
            connection.execute(add.format(table, column, sql.SQL(_new_type(shop, name))))
        types = _types(connection, table)
    return types


def _shop(access: DestinationAccess) -> Shop:
    return Shop(Account.objects.get(pk=access.account_id), now())


def _is_key(connection: _Connection, table: sql.Identifier) -> bool:
    """Whether no two rows can have the same profile_id."""
    rows = connection.execute(
        """SELECT FROM pg_index i
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND i.indnkeyatts = 1
           AND i.indpred IS NULL AND a.attname = %s""",
        [table.as_string(connection), KEY],
    )
    return rows.fetchone() is not None


def _types(connection: _Connection, table: sql.Identifier) -> dict[str, str]:
    """Column to type, as PostgreSQL writes it; empty if there is no such table."""
    rows = connection.execute(
        """SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
           WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped""",
        [table.as_string(connection)],
    )
    return dict(rows.fetchall())


def _expect_rights(connection: _Connection, access: DestinationAccess) -> None:
    name = _table(access).as_string(connection)
    for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        row = connection.execute("SELECT has_table_privilege(%s, %s)", [name, right]).fetchone()
        if row is None or not row[0]:
            message = gettext("The user may not %(right)s in this table.") % {"right": right}
            raise NeedsAttention(message)


def _new_type(shop: Shop | None, name: str) -> str:
    if name in _BASE or shop is None:
        return "text"
    column = find_column(shop, name)
    if column is None:
        return "jsonb"
    return _TYPES.get(column.kind) or _OF_JSON.get(column.json_type, "jsonb")


def _upsert(
    connection: _Connection,
    access: DestinationAccess,
    types: Mapping[str, str],
    names: Sequence[str],
    people: Sequence[Contact],
) -> dict[str, str]:
    """Write rows, all at once; if the table refuses one, one by one. Return who was refused."""
    columns = {name: _short(name) for name in (*_BASE, *names)}
    query = _upsert_query(_table(access), types, list(columns.values()))
    rows = [_row(each, columns, types) for each in people]
    try:
        with connection.transaction():
            connection.execute(query, [json.dumps(rows)])
        return {}
    except (psycopg.DataError, psycopg.IntegrityError):
        pass
    refusals: dict[str, str] = {}
    for each, row in zip(people, rows, strict=True):
        try:
            with connection.transaction():
                connection.execute(query, [json.dumps([row])])
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            refusals[each.key] = error.diag.message_primary or str(error)
    return refusals


def _upsert_query(
    table: sql.Identifier, types: Mapping[str, str], names: Sequence[str]
) -> sql.Composed:
    columns = [sql.Identifier(name) for name in (KEY, *names)]
    definitions = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types[name]))
        for name in (KEY, *names)
    ]
    updates = [sql.SQL("{0} = excluded.{0}").format(column) for column in columns[1:]]
    return sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns}"
        " FROM jsonb_to_recordset(%s::jsonb) AS t({definitions})"
        " ON CONFLICT ({key}) DO UPDATE SET {updates}"
    ).format(
        table=table,
        columns=sql.SQL(", ").join(columns),
        definitions=sql.SQL(", ").join(definitions),
        key=columns[0],
        updates=sql.SQL(", ").join(updates),
    )


def _row(contact: Contact, columns: Mapping[str, str], types: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {KEY: int(contact.key)}
    for name, column in columns.items():
        value = getattr(contact, name) if name in _BASE else contact.fields[name]
        row[column] = _fitting(value, types[column])
    return row


def _fitting(value: Any, column_type: str) -> Any:
    """A value as a column of a type takes it; None for one that cannot be."""
    if value is None or column_type in ("jsonb", "json"):
        return value
    if column_type in ("text", "character varying"):
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if column_type in _NUMBERS:
        return value if is_number and (column_type not in _WHOLE or _is_whole(value)) else None
    if column_type == "boolean":
        return value if isinstance(value, bool) else None
    if column_type.startswith(("timestamp", "date")):
        return value if isinstance(value, str) and _is_time(value) else None
    return value


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and number == int(number)


def _is_time(text: str) -> bool:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(text)
        except ValueError:
            continue
        return True
    return False


def _short(name: str) -> str:
    """A name as PostgreSQL keeps it."""
    return name.encode()[:_LONGEST].decode(errors="ignore")


list_destinations.add("postgres_table", PostgresTable())
