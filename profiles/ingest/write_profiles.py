"""The stored state of people in a batch: lock it, apply what was said, write what changed.

Part of ingest; nothing else writes these rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from profiles import facts
from profiles.columns.column import identity
from profiles.ingest.checks import dump
from profiles.ingest.copy_rows import copy_rows, line
from profiles.ingest.location import location_of
from profiles.ingest.parse import LOCATION_FIELDS, ProfileRecord
from profiles.ingest.resolve import Resolution
from profiles.ingest.schema import lists_by_name, note_properties
from profiles.ingest.write_consents import write_consents
from profiles.models import IDENTIFIERS
from profiles.places import locate
from segmenter.accounts.models import Account

_COLUMNS = (
    *("id", "account_id", *IDENTIFIERS),
    *("first_name", "last_name", "organization", "title", "locale", "image"),
    *("address1", "address2", "city", "region", "country", "zip", "time_zone"),
    *("latitude", "longitude", "point_latitude", "point_longitude"),
    *("properties", "created", "updated", "first_active", "last_active"),
)
_PLACE = frozenset((*LOCATION_FIELDS, "latitude", "longitude"))
Touched = dict[int, set[str]]


def write_people(
    account: Account,
    said: Mapping[int, Sequence[ProfileRecord]],
    resolution: Resolution,
    at: datetime,
    *,
    undated: bool = False,
    active: Mapping[int, tuple[datetime, datetime]] | None = None,
) -> Touched | None:
    """Lock the people in id order, apply their records, write; inside the transaction.

    `undated`: nobody knows of when statements of consent without a date are; else they are of
    `at`. `active` are the first and the last time at which new people did something. Returns the
    facts that changed, by profile; None if a profile is gone or known by something else by now, so
    that the batch must be resolved again.
    """
    known = sorted((said.keys() | resolution.identifiers.keys()) - resolution.new)
    speaking = {id_ for id_, records in said.items() if any(r.says_more for r in records)}
    speaking |= resolution.identifiers.keys()
    if _lock(account.pk, known) < len(known):
        return None
    states = _read(account.pk, sorted(speaking - resolution.new))
    for id_, held in resolution.held.items():
        if any(states[id_][name] != value for name, value in held.items()):
            return None
    touched: Touched = {}
    for id_ in resolution.new:
        states[id_] = _blank(account.pk, id_, said[id_][0].created or at, at)
        touched[id_] = {facts.EXISTS}
        if active and id_ in active:
            states[id_]["first_active"], states[id_]["last_active"] = active[id_]
            touched[id_] |= {facts.attribute("first_active"), facts.attribute("last_active")}
    for id_ in speaking:
        changed = _apply(states[id_], said.get(id_, ()), resolution.identifiers.get(id_, {}))
        if changed:
            states[id_]["updated"] = at
            touched.setdefault(id_, set()).update(changed, {facts.attribute("updated")})
    if speaking:
        everything = [record for id_ in speaking for record in said.get(id_, ())]
        owners = ((None, named) for r in everything for named in (r.properties, r.appended))
        note_properties(account.pk, owners, at)
    _give_up(account.pk, states, resolution)
    _write(states, new=resolution.new, changed=touched.keys() - resolution.new)
    if speaking:
        written = [
            *write_consents(account.pk, said, at, now=None if undated else at),
            *_write_suppressions(account.pk, said, at),
            *_write_lists(account.pk, said, at),
        ]
        for id_, fact in written:
            touched.setdefault(id_, set()).add(fact)
    return touched


def _blank(account_id: int, id_: int, created: datetime, at: datetime) -> dict[str, Any]:
    state: dict[str, Any] = dict.fromkeys(_COLUMNS)
    state |= {"id": id_, "account_id": account_id, "properties": {}}
    state |= {"created": created, "updated": at}
    return state


def _lock(account_id: int, ids: list[int]) -> int:
    """Lock these profiles in id order, so that two batches never wait in a ring; count them."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM unnest(%s::bigint[]) AS wanted(id)"
            " JOIN profiles_profile p ON p.id = wanted.id AND p.account_id = %s"
            " ORDER BY p.id FOR UPDATE OF p) locked",
            [ids, account_id],
        )
        return int(cursor.fetchone()[0])


def _read(account_id: int, ids: list[int]) -> dict[int, dict[str, Any]]:
    """The stored state of these profiles, by id."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f'p.{name}' for name in _COLUMNS)}"
            " FROM unnest(%s::bigint[]) AS wanted(id)"
            " JOIN profiles_profile p ON p.id = wanted.id AND p.account_id = %s",
            [ids, account_id],
        )
        rows = cursor.fetchall()
    states = {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in rows}
    for state in states.values():
        state["properties"] = json.loads(state["properties"])
    return states


def _apply(
    state: dict[str, Any],
    records: Sequence[ProfileRecord],
    identifiers: Mapping[str, str | None],
) -> set[str]:
    """Apply what was said to a state; return the facts that changed."""
    changed: set[str] = set()
    for name, value in identifiers.items():
        if state[name] != value:
            state[name] = value
            changed.add(facts.attribute(name))
    moved = False
    for record in records:
        for name, value in record.fields.items():
            if state[name] != value:
                state[name] = value
                changed.add(facts.attribute(name))
                moved = moved or name in _PLACE
        if record.created is not None and record.created < state["created"]:
            state["created"] = record.created
            changed.add(facts.attribute("created"))
        changed |= _apply_properties(state["properties"], record)
    if moved:
        point = locate(location_of(state)) or (None, None)
        if point != (state["point_latitude"], state["point_longitude"]):
            state["point_latitude"], state["point_longitude"] = point
            changed.add(facts.PLACE)
    return changed


def _apply_properties(properties: dict[str, Any], record: ProfileRecord) -> set[str]:
    changed = set()
    for name in record.removed:
        if name in properties:
            del properties[name]
            changed.add(facts.profile_property(name))
    for name, value in record.properties.items():
        if value is None:
            if properties.pop(name, None) is not None:
                changed.add(facts.profile_property(name))
        elif name not in properties or not _same(properties[name], value):
            properties[name] = value
            changed.add(facts.profile_property(name))
    for name, values in record.appended.items():
        held = _as_list(properties.get(name))
        new = _without(values, held)
        if new:
            properties[name] = [*held, *new]
            changed.add(facts.profile_property(name))
    for name, values in record.unappended.items():
        if isinstance(properties.get(name), list):
            kept = _without(properties[name], values)
            if len(kept) < len(properties[name]):
                properties[name] = kept
                changed.add(facts.profile_property(name))
    return changed


def _same(held: Any, value: Any) -> bool:
    """Whether a property says the same as before: 5 and 5.0 do, 1 and true do not."""
    if held != value:
        return False
    return isinstance(held, str) or identity(held) == identity(value)


def _as_list(value: Any) -> list[Any]:
    """A property as the list it becomes when something is appended; unset is empty."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _without(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The values, in order, that are not among the others; as JSON, where true is not 1."""
    known = {dump(other) for other in others}
    return [value for value in values if dump(value) not in known]


def _give_up(
    account_id: int, states: Mapping[int, Mapping[str, Any]], resolution: Resolution
) -> None:
    """Take identifiers from the people who lose them, before others of the batch get them.

    The database looks at each row by itself, in no order that could be chosen.
    """
    losers: dict[str, list[int]] = {}
    for id_, held in resolution.held.items():
        for name, value in held.items():
            if value is not None and states[id_][name] != value:
                losers.setdefault(name, []).append(id_)
    with connection.cursor() as cursor:
        for name, ids in losers.items():
            cursor.execute(
                f"UPDATE profiles_profile SET {name} = NULL WHERE account_id = %s AND id = ANY(%s)",
                [account_id, ids],
            )


def _write(states: Mapping[int, Mapping[str, Any]], *, new: set[int], changed: set[int]) -> None:
    if new:
        made = [states[id_] for id_ in sorted(new)]
        said = [name for name in _COLUMNS if any(state[name] is not None for state in made)]
        copy_rows("profiles_profile", said, (line(map(state.get, said)) for state in made))
    if changed:
        assigned = ", ".join(f"{name} = v.{name}" for name in _COLUMNS[2:])
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE profiles_profile p SET {assigned}"
                " FROM jsonb_populate_recordset(NULL::profiles_profile, %s::jsonb) v"
                " WHERE p.account_id = v.account_id AND p.id = v.id",
                [_rows(states[id_] for id_ in sorted(changed))],
            )


def _rows(states: Iterable[Mapping[str, Any]]) -> str:
    """What is set of some states; what is left away becomes NULL."""
    return dump(
        [
            {name: _plain(value) for name, value in state.items() if value is not None}
            for state in states
        ]
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _write_suppressions(
    account_id: int, said: Mapping[int, Sequence[ProfileRecord]], at: datetime
) -> list[tuple[int, str]]:
    rows: dict[tuple[int, str, str], datetime | None] = {}
    for id_, records in said.items():
        for channel, reason, date in (each for record in records for each in record.suppressions):
            key = (id_, channel, reason)
            rows[key] = rows.get(key) if date is None else date
    if not rows:
        return []
    ids, channels, reasons = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO profiles_suppression AS held
                   (account_id, profile_id, channel, reason, date)
               SELECT %s, person, channel, reason, coalesce(date, %s)
               FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
                    AS t(person, channel, reason, date)
               ON CONFLICT (account_id, profile_id, channel, reason) DO UPDATE
               SET date = excluded.date
               WHERE held.date <> excluded.date AND excluded.date <> %s
               RETURNING profile_id, channel""",
            [account_id, at, ids, channels, reasons, list(rows.values()), at],
        )
        return [(id_, facts.consent(channel)) for id_, channel in cursor.fetchall()]


def _write_lists(
    account_id: int, said: Mapping[int, Sequence[ProfileRecord]], at: datetime
) -> list[tuple[int, str]]:
    rows = [
        (id_, name, joined or at)
        for id_, records in said.items()
        for record in records
        for name, joined in record.lists
    ]
    if not rows:
        return []
    lists = lists_by_name(account_id, {name for _, name, _ in rows}, at)
    keys = {found.pk: found.key for found in lists.values()}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO profiles_listmember (account_id, list_id, profile_id, joined)
               SELECT %s, list, person, joined
               FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS t(list, person, joined)
               ON CONFLICT DO NOTHING RETURNING profile_id, list_id""",
            [
                account_id,
                [lists[name].pk for _, name, _ in rows],
                [id_ for id_, _, _ in rows],
                [joined for _, _, joined in rows],
            ],
        )
        return [(id_, facts.group(keys[list_id])) for id_, list_id in cursor.fetchall()]
