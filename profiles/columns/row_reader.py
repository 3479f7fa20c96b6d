"""Rows about people, put in the order of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql

from profiles.columns.ascending import Ints, align, positions_in
from profiles.columns.column import Instants
from profiles.columns.events import Numbers
from profiles.columns.packed_rows import Kind, fetch


@dataclass(frozen=True, eq=False)
class GroupRows:
    """Who is in a list or segment: `profiles` int32[k] ascending, `since` int64[k] microseconds."""

    profiles: Numbers
    since: Instants


class RowReader:
    """Reads rows about some people of an account and puts them in the order of their `ids`.

    `ids` int64[n] ascending. `everyone`: these are all people of the account, so that queries
    need not list them. Rows of other people are ignored.
    """

    def __init__(self, account_id: int, zone: ZoneInfo, ids: Ints, *, everyone: bool) -> None:
        self.account_id = account_id
        self.zone = zone
        self.ids = ids
        self._everyone = everyone

    def group_rows(self, query: sql.SQL, key: int) -> GroupRows:
        """Members from a query for (profile_id, since) with places for people and a key."""
        ids, since = fetch(
            query.format(self.where("p.profile_id"), sql.Literal(key)), ["int", "time"]
        )
        numbers, is_member = self.numbers_of(ids)
        order = np.argsort(numbers, kind="stable")
        return GroupRows(numbers[order], since[is_member][order])

    def align(self, query: sql.SQL, kind: Kind, default: Any, **parts: sql.Composable) -> Any:
        """One value for each person, of a query for (profile_id, value) with a place `where`.

        `default` stands for people without a row; there may be at most one a person.
        """
        composed = query.format(where=self.where("p.profile_id"), **parts)
        row_ids, values = fetch(composed, ["int", kind])
        return align(row_ids, values, self.ids, default)

    def where(self, person: str) -> sql.Composable:
        """The condition that restricts a query on `p` to this account and these people."""
        account = sql.SQL("p.account_id = {}").format(sql.Literal(self.account_id))
        if self._everyone:
            return account
        ids = sql.Literal(self.ids.tolist())
        return sql.SQL("{} AND {} = ANY({}::bigint[])").format(account, sql.SQL(person), ids)

    def numbers_of(self, ids: Any) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """The profile numbers of those `ids` that are among these people, and which ones are."""
        positions, present = positions_in(self.ids, ids.astype(np.int64))
        return positions[present].astype(np.int32), present
