"""Writes the people of a batch: locks their rows, applies the records, writes the changes.

Only ingest and merges write these rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from profiles import facts
from profiles.columns.column import identity
from profiles.facts import FactKey
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
ChangedFacts = dict[int, set[FactKey]]


def write_people(
    account: Account,
    records_of: Mapping[int, Sequence[ProfileRecord]],
    resolution: Resolution,
    at: datetime,
    *,
    undated: bool = False,
    active: Mapping[int, tuple[datetime, datetime]] | None = None,
) -> ChangedFacts | None:
    """Lock the people in id order, apply their records and write them; in a transaction.

    `undated`: consent without a date is of an unknown time, otherwise of `at`. `active` are the
    first and last activity of new people. Returns the facts that changed, by profile; None if a
    profile was deleted or its identifiers changed meanwhile, so that the batch must be resolved
    again.
    """
    existing = sorted((records_of.keys() | resolution.identifiers.keys()) - resolution.new)
    to_change = {id_ for id_, records in records_of.items() if any(r.has_data for r in records)}
    to_change |= resolution.identifiers.keys()
    if _lock(account.pk, existing) < len(existing):
        return None
    states = _read(account.pk, sorted(to_change - resolution.new))
    for id_, values in resolution.previous.items():
        if any(states[id_][name] != value for name, value in values.items()):
            return None
    changed_facts: ChangedFacts = {}
    for id_ in resolution.new:
        states[id_] = _blank(account.pk, id_, records_of[id_][0].created or at, at)
        changed_facts[id_] = {facts.EXISTS}
        if active and id_ in active:
            states[id_]["first_active"], states[id_]["last_active"] = active[id_]
            changed_facts[id_] |= {facts.attribute("first_active"), facts.attribute("last_active")}
    for id_ in to_change:
        names = _apply(states[id_], records_of.get(id_, ()), resolution.identifiers.get(id_, {}))
        if names:
            states[id_]["updated"] = at
            changed_facts.setdefault(id_, set()).update(names, {facts.attribute("updated")})
    if to_change:
        all_records = [record for id_ in to_change for record in records_of.get(id_, ())]
        owners = (
            (None, properties)
            for r in all_records
            for properties in (r.properties, r.append, r.first)
        )
        note_properties(account.pk, owners, at)
    _clear_identifiers(account.pk, states, resolution)
    _write(states, new=resolution.new, changed=changed_facts.keys() - resolution.new)
    if to_change:
        changes = [
            *write_consents(account.pk, records_of, at, now=None if undated else at),
            *_write_suppressions(account.pk, records_of, at),
            *_write_lists(account.pk, records_of, at),
        ]
        for id_, fact in changes:
            changed_facts.setdefault(id_, set()).add(fact)
    return changed_facts


def _blank(account_id: int, id_: int, created: datetime, at: datetime) -> dict[str, Any]:
    state: dict[str, Any] = dict.fromkeys(_COLUMNS)
    state |= {"id": id_, "account_id": account_id, "properties": {}}
    state |= {"created": created, "updated": at}
    return state


def _lock(account_id: int, ids: list[int]) -> int:
    """Lock these profiles in id order, so that batches do not deadlock; count them."""
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
) -> set[FactKey]:
    """Apply records to a state; return the facts that changed."""
    changed_facts: set[FactKey] = set()
    for name, value in identifiers.items():
        if state[name] != value:
            state[name] = value
            changed_facts.add(facts.attribute(name))
    is_location_changed = False
    for record in records:
        for name, value in record.fields.items():
            if state[name] != value:
                state[name] = value
                changed_facts.add(facts.attribute(name))
                is_location_changed = is_location_changed or name in _PLACE
        if record.created is not None and record.created < state["created"]:
            state["created"] = record.created
            changed_facts.add(facts.attribute("created"))
        changed_facts |= _apply_properties(state["properties"], record)
    if is_location_changed:
        point = locate(location_of(state)) or (None, None)
        if point != (state["point_latitude"], state["point_longitude"]):
            state["point_latitude"], state["point_longitude"] = point
            changed_facts.add(facts.PLACE)
    return changed_facts


def _apply_properties(properties: dict[str, Any], record: ProfileRecord) -> set[FactKey]:
    changed_facts = set()
    if not any(name in properties for name in record.first):
        for name, value in record.first.items():
            if value is not None:
                properties[name] = value
                changed_facts.add(facts.profile_property(name))
    for name in record.unset:
        if name in properties:
            del properties[name]
            changed_facts.add(facts.profile_property(name))
    for name, value in record.properties.items():
        if value is None:
            if properties.pop(name, None) is not None:
                changed_facts.add(facts.profile_property(name))
        elif name not in properties or not _same(properties[name], value):
            properties[name] = value
            changed_facts.add(facts.profile_property(name))
    for name, values in record.append.items():
        items = _as_list(properties.get(name))
        new = _without(values, items)
        if new:
            properties[name] = [*items, *new]
            changed_facts.add(facts.profile_property(name))
    for name, values in record.unappend.items():
        if isinstance(properties.get(name), list):
            rest = _without(properties[name], values)
            if len(rest) < len(properties[name]):
                properties[name] = rest
                changed_facts.add(facts.profile_property(name))
    return changed_facts


def _same(old: Any, new: Any) -> bool:
    """Whether two values are equal: 5 and 5.0 are, 1 and true are not."""
    if old != new:
        return False
    return isinstance(old, str) or identity(old) == identity(new)


def _as_list(value: Any) -> list[Any]:
    """The list that a property becomes when a value is appended; unset is empty."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _without(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The values, in order, that are not among the others, compared as JSON: true is not 1."""
    other_texts = {dump(other) for other in others}
    return [value for value in values if dump(value) not in other_texts]


def _clear_identifiers(
    account_id: int, states: Mapping[int, Mapping[str, Any]], resolution: Resolution
) -> None:
    """Clear identifiers of the people who lose them, before others of the batch get them.

    The database checks uniqueness row by row, in an order that cannot be chosen.
    """
    losers: dict[str, list[int]] = {}
    for id_, values in resolution.previous.items():
        for name, value in values.items():
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
        new_states = [states[id_] for id_ in sorted(new)]
        columns = [
            name for name in _COLUMNS if any(state[name] is not None for state in new_states)
        ]
        copy_rows(
            "profiles_profile", columns, (line(map(state.get, columns)) for state in new_states)
        )
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
    """States as JSON; absent fields become NULL."""
    return dump(
        [
            {name: _plain(value) for name, value in state.items() if value is not None}
            for state in states
        ]
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _write_suppressions(
    account_id: int, records_of: Mapping[int, Sequence[ProfileRecord]], at: datetime
) -> list[tuple[int, FactKey]]:
    rows: dict[tuple[int, str, str], datetime | None] = {}
    for id_, records in records_of.items():
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
    account_id: int, records_of: Mapping[int, Sequence[ProfileRecord]], at: datetime
) -> list[tuple[int, FactKey]]:
    rows = [
        (id_, name, since or at)
        for id_, records in records_of.items()
        for record in records
        for name, since in record.lists
    ]
    if not rows:
        return []
    lists = lists_by_name(account_id, {name for _, name, _ in rows}, at)
    keys = {row.pk: row.key for row in lists.values()}
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
                [since for _, _, since in rows],
            ],
        )
        return [(id_, facts.group(keys[list_id])) for id_, list_id in cursor.fetchall()]
