"""Writing what people agreed to, and which of two statements about a channel holds.

Part of ingest; nothing else writes these rows but a merge. A statement without a `status_date` is
of an unknown time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from profiles import facts
from profiles.ingest.checks import dump
from profiles.ingest.parse import ProfileRecord
from profiles.ingest.subscriptions import ConsentRecord
from profiles.models import CAUTION

_FIELDS = ConsentRecord._fields
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
SLACK = timedelta(hours=1)
"""A statement dated so little ahead is of now, by a clock that is a little wrong."""


def holding(
    known: ConsentRecord | None, said: ConsentRecord, *, at: datetime, now: datetime | None
) -> ConsentRecord:
    """Return which of two statements about a channel holds after `said` came in at `at`.

    The later one does; one without a date is of `now` if that is given, else older than all that
    have a date. What is said again now keeps its date. Consent dated in the future gives way to
    every statement that counts already: it must not hide a "no".
    """
    if known is None:
        return said if said.status_date or now is None else said._replace(status_date=now)
    if said.status_date is None and now is not None:
        again = known.status == said.status and not _is_of_the_future(known, at)
        said = said._replace(status_date=(again and known.status_date) or now)
    return said if _weight(said, at) >= _weight(known, at) else known


def _weight(statement: ConsentRecord, at: datetime) -> tuple[bool, datetime, int]:
    counts = not _is_of_the_future(statement, at)
    return counts, statement.status_date or _BEFORE_ALL, CAUTION.index(statement.status)


def _is_of_the_future(statement: ConsentRecord, at: datetime) -> bool:
    """A "no" never is: it may come from a clock that is wrong, and is heeded at once."""
    dated = statement.status_date or _BEFORE_ALL
    return statement.status != CAUTION[-1] and dated > at + SLACK


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
            holds[key] = holding(holds.get(key), statement, at=at, now=now)
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
