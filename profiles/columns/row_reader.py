"""Rows about given people, put in the order in which columns have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql

from profiles.columns.ascending import Ints, aligned, found_in
from profiles.columns.column import Instants
from profiles.columns.events import Numbers
from profiles.columns.packed_rows import Kind, fetch


@dataclass(frozen=True, eq=False)
class GroupRows:
    """Who is in a list or segment: `profiles` int32[k] ascending, `since` int64[k] microseconds."""

    profiles: Numbers
    since: Instants


class RowReader:
    """Reads rows about given people of an account and puts them in the order of their `ids`.

    `ids` int64[n] ascending; `everyone` says that these are all, so that queries need not name
    them. Rows of people who are not among them are passed over.
    """

    def __init__(self, account_id: int, zone: ZoneInfo, ids: Ints, *, everyone: bool) -> None:
        self.account_id = account_id
        self.zone = zone
        self.ids = ids
        self._everyone = everyone

    def joined(self, query: sql.SQL, key: int) -> GroupRows:
        """Membership from a query for (profile_id, since) with places for people and a key."""
        who, since = fetch(
            query.format(self.where("p.profile_id"), sql.Literal(key)), ["int", "time"]
        )
        numbers, known = self.numbers_of(who)
        order = np.argsort(numbers, kind="stable")
        return GroupRows(numbers[order], since[known][order])

    def aligned(self, query: sql.SQL, kind: Kind, missing: Any, **parts: sql.Composable) -> Any:
        """One value for each person, of a query for (profile_id, value) with a place `where`.

        `missing` stands for people without a row; there may be at most one a person.
        """
        composed = query.format(where=self.where("p.profile_id"), **parts)
        read, values = fetch(composed, ["int", kind])
        return aligned(read, values, self.ids, missing)

    def where(self, person: str) -> sql.Composable:
        """The condition that keeps a query on `p` to this account and these people."""
        account = sql.SQL("p.account_id = {}").format(sql.Literal(self.account_id))
        if self._everyone:
            return account
        chosen = sql.Literal(self.ids.tolist())
        return sql.SQL("{} AND {} = ANY({}::bigint[])").format(account, sql.SQL(person), chosen)

    def numbers_of(self, who: Any) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """The profile numbers of ids, and which of the ids are known."""
        at, known = found_in(self.ids, who.astype(np.int64))
        return at[known].astype(np.int32), known
