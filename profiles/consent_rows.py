"""Writing what people agreed to, and which of two statements about a channel holds.

Part of ingest; nothing else writes these rows but a merge. A statement without a `status_date` is
of an unknown time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.db import connection

from profiles import facts
from profiles.checks import dump
from profiles.models import CAUTION
from profiles.records import ProfileRecord
from profiles.subscriptions import ConsentRecord

_FIELDS = ConsentRecord._fields
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def holding(
    known: ConsentRecord | None, said: ConsentRecord, *, now: datetime | None
) -> ConsentRecord:
    """Return which of two statements about a channel holds after `said` came in.

    The later one does; one without a date is of `now` if that is given, else older than all that
    have a date. What is said again now keeps its date.
    """
    if said.status_date is None and now is not None:
        if known is not None and (known.status_date or now) > now:
            return known
        again = known is not None and known.status == said.status
        return said._replace(status_date=(again and known and known.status_date) or now)
    return said if known is None or _weight(said) >= _weight(known) else known


def _weight(statement: ConsentRecord) -> tuple[datetime, int]:
    return statement.status_date or _BEFORE_ALL, CAUTION.index(statement.status)


def write_consents(
    account_id: int,
    said: Mapping[int, Sequence[ProfileRecord]],
    at: datetime,
    *,
    now: datetime | None,
) -> list[tuple[int, str]]:
    """Upsert consents, statement by statement in order; the people are locked.

    Returns the profiles and facts that changed. `now` as in `holding`.
    """
    speaking = {id_ for id_, records in said.items() if any(r.consents for r in records)}
    if not speaking:
        return []
    stored = _read(account_id, speaking)
    holds = dict(stored)
    for id_ in sorted(speaking):
        for statement in (each for record in said[id_] for each in record.consents):
            key = (id_, str(statement.channel))
            holds[key] = holding(holds.get(key), statement, now=now)
    changed = {key: held for key, held in holds.items() if held != stored.get(key)}
    _upsert(account_id, changed, at)
    return [(id_, facts.consent(channel)) for id_, channel in changed]


def _read(account_id: int, ids: set[int]) -> dict[tuple[int, str], ConsentRecord]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.profile_id, {', '.join(f'c.{name}' for name in _FIELDS)}"
            " FROM unnest(%s::bigint[]) AS wanted(id)"
            " JOIN profiles_consent c ON c.profile_id = wanted.id AND c.account_id = %s",
            [list(ids), account_id],
        )
        rows = [(id_, ConsentRecord(*row)) for id_, *row in cursor.fetchall()]
    return {(id_, record.channel): record for id_, record in rows}


def _upsert(
    account_id: int, statements: Mapping[tuple[int, str], ConsentRecord], at: datetime
) -> None:
    if not statements:
        return
    rows = [
        {
            "account_id": account_id,
            "profile_id": id_,
            **statement._asdict(),
            "status_date": statement.status_date and statement.status_date.isoformat(),
            "recorded": at.isoformat(),
        }
        for (id_, _channel), statement in statements.items()
    ]
    columns = ("account_id", "profile_id", *_FIELDS, "recorded")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO profiles_consent ({", ".join(columns)})
                SELECT {", ".join(columns)}
                FROM jsonb_populate_recordset(NULL::profiles_consent, %s::jsonb)
                ON CONFLICT (account_id, profile_id, channel) DO UPDATE
                SET {", ".join(f"{name} = excluded.{name}" for name in columns[3:])}""",
            [dump(rows)],
        )
