"""Matches the records of a batch to existing people by their identifiers. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from profiles.ingest.identifiers import is_placeholder
from profiles.ingest.parse import ProfileRecord
from profiles.models import IDENTIFIERS
from segmenter.kernel.keys import new_key


class IdentifierIndex:
    """The existing profiles that have an identifier of some records."""

    def __init__(self, account_id: int, records: Sequence[ProfileRecord]) -> None:
        self.people: dict[int, dict[str, str | None]] = {}
        self._merges: dict[int, int] = {}
        self.owner: dict[str, dict[str, int]] = {name: {} for name in IDENTIFIERS}
        self.account_id = account_id
        self._placeholders: dict[tuple[int, str], str] = {}
        """Stored before placeholders were recognized; these match nobody."""
        self.read(records)

    def read(self, records: Sequence[ProfileRecord]) -> None:
        """Read the profiles that have an identifier of these records, as they are now."""
        ids = [record.id for record in records if record.id is not None]
        if self.people:
            for record in records:
                for name, value in record.identifiers.items():
                    self.owner[name].pop(value or "", None)
        with connection.cursor() as cursor:
            if ids:
                cursor.execute(
                    "SELECT old_id, profile_id FROM profiles_profilemerge"
                    " WHERE account_id = %s AND old_id = ANY(%s)",
                    [self.account_id, ids],
                )
                self._merges |= dict(cursor.fetchall())
                self._read(cursor, "id", [self._merges.get(i, i) for i in ids])
            for name in IDENTIFIERS:
                values = {v for r in records if (v := r.identifiers.get(name)) is not None}
                values -= self.owner[name].keys()  # read by another identifier already
                if values:
                    self._read(cursor, name, list(values))

    def _read(self, cursor: Any, column: str, values: list[Any]) -> None:
        between = f"\x1f{new_key()}\x1f"  # occurs in no identifier
        cursor.execute(
            f"SELECT p.id, {', '.join(f'p.{name}' for name in IDENTIFIERS)}"
            " FROM unnest(string_to_array(%s, %s)"
            f"::{'bigint' if column == 'id' else 'text'}[]) AS wanted(value)"
            f" JOIN profiles_profile p ON p.{column} = wanted.value AND p.account_id = %s",
            [between.join(map(str, values)), between, self.account_id],
        )
        for id_, *identifiers in cursor.fetchall():
            for name, value in self.people.get(id_, {}).items():
                if value is not None and self.owner[name].get(value) == id_:
                    del self.owner[name][value]
            self.people[id_] = dict(zip(IDENTIFIERS, identifiers, strict=True))
            for name, value in self.people[id_].items():
                if value is None:
                    continue
                if is_placeholder(value):
                    self._placeholders[id_, name] = value
                    self.people[id_][name] = None
                else:
                    self.owner[name][value] = id_

    def person(self, id_: int) -> int | None:
        """The person whom an id of a record means, after merges; None if there is none."""
        id_ = self._merges.get(id_, id_)
        return id_ if id_ in self.people else None

    def exact_match(self, record: ProfileRecord) -> int | None:
        """The person who has exactly the identifiers of a record already; None if there is none."""
        id_ = None
        if record.id is not None:
            id_ = self._merges.get(record.id, record.id)
            if id_ not in self.people:
                return None
        cleared = []
        for name, value in record.identifiers.items():
            if value is None:
                cleared.append(name)
                continue
            owner_id = self.owner[name].get(value)
            if owner_id is None or (id_ is not None and owner_id != id_):
                return None
            id_ = owner_id
        if id_ is not None and any(self.people[id_][name] is not None for name in cleared):
            return None
        return id_

    def has_no_match(self, record: ProfileRecord) -> bool:
        return record.id is None and not any(
            value in self.owner[name] for name, value in record.identifiers.items()
        )

    def match(self, record: ProfileRecord) -> tuple[int, str] | None:
        """The person that a record matches, and the identifier that matched.

        A weaker identifier does not match a person who has another value for a stronger identifier
        of the record.
        """
        if record.id is not None:
            id_ = self._merges.get(record.id, record.id)
            return (id_, "id") if id_ in self.people else None
        stronger: list[tuple[str, str]] = []
        for name in IDENTIFIERS:
            value = record.identifiers.get(name)
            if value is None:
                continue
            owner = self.owner[name].get(value)
            if owner is not None:
                identifiers = self.people[owner]
                if all(
                    identifiers[other] in (None, other_value) for other, other_value in stronger
                ):
                    return owner, name
            stronger.append((name, value))
        return None

    def stored_value(self, id_: int, name: str) -> str | None:
        return self._placeholders.get((id_, name), self.people[id_][name])

    def assign(self, id_: int, name: str, value: str | None) -> None:
        previous = self.people[id_].get(name)
        if previous is not None:
            del self.owner[name][previous]
        self.people[id_][name] = value
        if value is not None:
            self.owner[name][value] = id_
