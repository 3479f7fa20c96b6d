"""Rows about given people, put in the order in which columns have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql

from profiles.columns.column import Instants
from profiles.columns.events import Numbers
from profiles.columns.packing import Kind, fetch

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Joined:
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

    def joined(self, query: sql.SQL, key: int) -> Joined:
        """Membership from a query for (profile_id, since) with places for people and a key."""
        who, since = fetch(
            query.format(self.where("p.profile_id"), sql.Literal(key)), ["int", "time"]
        )
        numbers, known = self.numbers_of(who)
        order = np.argsort(numbers, kind="stable")
        return Joined(numbers[order], since[known][order])

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


def found_in(ascending: Ints, wanted: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Where each of `wanted` stands among ascending numbers (any place if it does not), and
    whether it does."""
    if not len(ascending):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return at, ascending[at] == wanted


def placed(read: Ints, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Where each of `ids` stands in `read` (0 where it does not), and whether it does."""
    if not len(read):
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
    order = np.argsort(read, kind="stable")
    at = np.minimum(np.searchsorted(read, ids, sorter=order), len(read) - 1)
    found = read[order[at]] == ids
    return np.where(found, order[at], 0), found


def aligned(read: Ints, values: Any, ids: Ints, missing: Any) -> Any:
    """The values of rows in the order of `ids`, `missing` where there is no row."""
    positions, found = placed(read, ids)
    if not len(read):
        return np.full(len(ids), missing, dtype=values.dtype)
    return np.where(found, values[positions], missing)
