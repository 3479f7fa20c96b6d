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
from profiles.checks import dump
from profiles.columns.column import identity
from profiles.copying import copy_rows, line
from profiles.identity import Resolution, location_of
from profiles.models import IDENTIFIERS
from profiles.places import locate
from profiles.records import LOCATION_FIELDS, ProfileRecord
from profiles.schema import lists_by_name, note_properties
from profiles.subscriptions import ConsentRecord
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
    active: Mapping[int, tuple[datetime, datetime]] | None = None,
) -> Touched | None:
    """Lock the people in id order, apply their records, write; inside the transaction.

    `active` are the first and the last time at which new people did something. Returns the facts
    that changed, by profile; None if a profile is gone or known by something else by now, so that
    the batch must be resolved again.
    """
    known = sorted(said.keys() - resolution.new)
    speaking = {
        id_
        for id_, records in said.items()
        if id_ in resolution.identifiers or any(record.says_more for record in records)
    }
    if _lock(account.pk, known) < len(known):
        return None
    states = _read(account.pk, sorted(speaking - resolution.new))
    for id_, held in resolution.held.items():
        if any(states[id_][name] != value for name, value in held.items()):
            return None
    touched: Touched = {}
    for id_ in resolution.new:
        first = next((r.created for r in said[id_] if r.created is not None), at)
        states[id_] = _blank(account.pk, id_, first, at)
        touched[id_] = {facts.EXISTS}
        if active and id_ in active:
            states[id_]["first_active"], states[id_]["last_active"] = active[id_]
            touched[id_] |= {facts.attribute("first_active"), facts.attribute("last_active")}
    for id_ in speaking:
        changed = _apply(states[id_], said[id_], resolution.identifiers.get(id_, {}))
        if changed:
            states[id_]["updated"] = at
            touched.setdefault(id_, set()).update(changed, {facts.attribute("updated")})
    if speaking:
        everything = [record for id_ in speaking for record in said[id_]]
        owners = ((None, named) for r in everything for named in (r.properties, r.appended))
        note_properties(account.pk, owners, at)
    _write(states, new=resolution.new, changed=touched.keys() - resolution.new)
    if speaking:
        for write in (_write_consents, _write_suppressions, _write_lists):
            for id_, fact in write(account.pk, said, at):
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


def _write_consents(
    account_id: int, said: Mapping[int, Sequence[ProfileRecord]], at: datetime
) -> list[tuple[int, str]]:
    """Upsert consents. An older statement than the stored one says nothing new."""
    latest: dict[tuple[int, str], ConsentRecord] = {}
    for id_, records in said.items():
        for consent in (consent for record in records for consent in record.consents):
            key = (id_, consent.channel)
            latest[key] = _later(latest.get(key), consent, at)
    if not latest:
        return []
    rows = [
        {
            "account_id": account_id,
            "profile_id": id_,
            **consent._asdict(),
            "status_date": _plain(consent.status_date),
            "recorded": at.isoformat(),
        }
        for (id_, _channel), consent in sorted(latest.items())
    ]
    details = "method, method_detail, custom_source, is_double_opt_in, is_rcs_capable, reachability"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO profiles_consent AS held
                    (account_id, profile_id, channel, status, status_date, recorded, {details})
                SELECT account_id, profile_id, channel, status, status_date, recorded, {details}
                FROM jsonb_populate_recordset(NULL::profiles_consent, %s::jsonb)
                ON CONFLICT (account_id, profile_id, channel) DO UPDATE
                SET status = excluded.status, recorded = excluded.recorded,
                    status_date = coalesce(excluded.status_date,
                        CASE WHEN held.status = excluded.status THEN held.status_date
                             ELSE excluded.recorded END),
                    {", ".join(f"{name} = excluded.{name}" for name in details.split(", "))}
                WHERE (held.status, held.status_date, held.method, held.method_detail,
                       held.custom_source, held.is_double_opt_in, held.is_rcs_capable,
                       held.reachability)
                    IS DISTINCT FROM
                      (excluded.status, coalesce(excluded.status_date, held.status_date),
                       excluded.method, excluded.method_detail, excluded.custom_source,
                       excluded.is_double_opt_in, excluded.is_rcs_capable, excluded.reachability)
                AND NOT coalesce(excluded.status_date < held.status_date, false)
                RETURNING profile_id, channel, status_date""",
            [dump(rows)],
        )
        stored = cursor.fetchall()
        undated = [(id_, channel) for id_, channel, date in stored if date is None]
        if undated:
            cursor.execute(
                "UPDATE profiles_consent SET status_date = recorded WHERE account_id = %s"
                " AND status_date IS NULL AND profile_id = ANY(%s)",
                [account_id, [id_ for id_, _ in undated]],
            )
    return [(id_, facts.consent(channel)) for id_, channel, _date in stored]


def _later(first: ConsentRecord | None, then: ConsentRecord, at: datetime) -> ConsentRecord:
    """What holds after two statements in one batch, as if each had come in its own."""
    if first is None:
        return then
    if then.status_date is None:
        kept = first.status_date if first.status == then.status else at
        return then._replace(status_date=kept)
    older = first.status_date is not None and then.status_date < first.status_date
    return first if older else then


def _write_suppressions(
    account_id: int, said: Mapping[int, Sequence[ProfileRecord]], at: datetime
) -> list[tuple[int, str]]:
    rows = {
        (id_, channel, reason): date
        for id_, records in said.items()
        for record in records
        for channel, reason, date in record.suppressions
    }
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
