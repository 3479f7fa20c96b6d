"""Writes consents, and decides which of two statements about a channel prevails.

Only ingest and merges write these rows. A statement without a `status_date` is of an unknown time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from profiles import facts
from profiles.facts import FactKey
from profiles.ingest.checks import dump
from profiles.ingest.parse import ProfileRecord
from profiles.ingest.subscriptions import ConsentRecord
from profiles.models import CAUTION

_FIELDS = ConsentRecord._fields
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
SLACK = timedelta(hours=1)
"""Tolerance for clocks: a statement dated this little ahead counts as present."""


def prevailing(
    old: ConsentRecord | None, new: ConsentRecord, *, at: datetime, now: datetime | None
) -> ConsentRecord:
    """Return which of two statements about a channel prevails when `new` arrives at `at`.

    The later one does. A statement without a date is of `now`, or, if `now` is None, older than all
    with a date. The same status stated again keeps its date. Consent dated in the future yields to
    every statement that counts already: it must not hide a "no".
    """
    if old is None:
        return new if new.status_date or now is None else new._replace(status_date=now)
    if new.status_date is None and now is not None:
        is_repeated = old.status == new.status and not _is_of_the_future(old, at)
        new = new._replace(status_date=(is_repeated and old.status_date) or now)
    return new if _weight(new, at) >= _weight(old, at) else old


def _weight(statement: ConsentRecord, at: datetime) -> tuple[bool, datetime, int]:
    counts = not _is_of_the_future(statement, at)
    return counts, statement.status_date or _BEFORE_ALL, CAUTION.index(statement.status)


def _is_of_the_future(statement: ConsentRecord, at: datetime) -> bool:
    """Never true of a "no": its clock may be wrong, and it takes effect at once."""
    dated = statement.status_date or _BEFORE_ALL
    return statement.status != CAUTION[-1] and dated > at + SLACK


def write_consents(
    account_id: int,
    records_of: Mapping[int, Sequence[ProfileRecord]],
    at: datetime,
    *,
    now: datetime | None,
) -> list[tuple[int, FactKey]]:
    """Upsert consents, statement by statement in order; the people must be locked.

    Returns the profiles and facts that changed. `now` as in `prevailing`.
    """
    ids = {id_ for id_, records in records_of.items() if any(r.consents for r in records)}
    if not ids:
        return []
    old = _read(account_id, ids)
    current = dict(old)
    for id_ in sorted(ids):
        for statement in (each for record in records_of[id_] for each in record.consents):
            key = (id_, str(statement.channel))
            current[key] = prevailing(current.get(key), statement, at=at, now=now)
    changes = {key: result for key, result in current.items() if result != old.get(key)}
    _upsert(account_id, changes, at)
    return [(id_, facts.consent(channel)) for id_, channel in changes]


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
