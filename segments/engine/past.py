"""Who would have been in a definition at a past instant, by the facts that have a time.

The conditions are evaluated as always, but over what was known of people then: events and the
memberships of lists until the instant, and who was known at all. Properties, consents, places and
predictions are only known as they are now, so a definition that asks for them has no past
(`without_past`). Nothing is stored.

Somebody is known from their creation or their first event on, and while they are on a list that
the definition asks for. A person who was imported later counts with what they did before.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cached_property
from typing import NoReturn
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from profiles import facts
from profiles.columns.ascending import Ints, positions_in
from profiles.columns.column import Bools, Column, Floats, from_instants
from profiles.columns.events import Events, Numbers
from profiles.columns.gather import everyone
from profiles.columns.instants import FIRST, NO_INSTANT, to_datetime, to_micros
from profiles.columns.people import People, Question
from profiles.columns.population import Population, UnknownKey
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.facts import FactKind
from profiles.models import List, ListRemoval
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.operators import AllTime, DateFilter
from segments.definition.tree import All, Condition, Unsupported, conditions
from segments.engine.evaluate import Evaluation
from segments.engine.queries import Inventory

_DATED = frozenset({facts.attribute("created"), facts.attribute("first_active")})
"""Attributes whose value is the instant from which it is known."""


class Past:
    """An account's past: which definitions have one, and who was in them at an instant."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.inventory = Inventory(account)
        self._with_past: dict[str, bool] = {}
        self._trees: dict[str, All | None] = {}
        self._members: dict[tuple[int, str], GroupRows] = {}
        self._members_at: datetime | None = None

    @cached_property
    def people(self) -> People:
        """Everyone, as they are now."""
        return everyone(self.account)

    def without_past(self, tree: All) -> Condition | None:
        """The first condition that cannot be answered at a past instant; None if all can be."""
        for _, condition in conditions(tree):
            if condition.unsupported or not self._has_past(condition):
                return condition
        return None

    def _has_past(self, condition: Condition) -> bool:
        timeframes = [value for value in vars(condition).values() if isinstance(value, DateFilter)]
        if any(timeframe.looks_ahead for timeframe in timeframes):
            return False  # what was expected then is not known
        is_open = all(isinstance(timeframe, AllTime) for timeframe in timeframes)
        for fact in condition.reads():
            if fact.kind == FactKind.METRIC:
                known = fact.name in self.inventory.metrics
            elif fact.kind == FactKind.GROUP and fact.name not in self.inventory.lists:
                known = is_open and self._segment_has_past(fact.name)
            else:
                known = fact.kind == FactKind.GROUP or fact in _DATED
            if not known:
                return False
        return True

    def _segment_has_past(self, key: str) -> bool:
        """Whether a segment has one. Each is looked at once, however many refer to it."""
        if key not in self._with_past:
            self._with_past[key] = False  # a cycle has no past
            tree = self._tree(key)
            self._with_past[key] = tree is not None and self.without_past(tree) is None
        return self._with_past[key]

    def _tree(self, key: str) -> All | None:
        if key not in self._trees:
            segment = self.inventory.segments.get(key)
            try:
                self._trees[key] = decode(segment.definition) if segment else None
            except Invalid:
                self._trees[key] = None
        return self._trees[key]

    def members(self, tree: All, at: datetime) -> Ints:
        """int64[] ascending: the ids of those who would have been in at `at`.

        Raises Unsupported if the definition has no past.
        """
        if self.without_past(tree) is not None:
            raise Unsupported("This definition has no past.")
        ids: Ints = self.people.ids[np.flatnonzero(self._mask(tree, at))]
        return ids

    def size(self, tree: All, at: datetime) -> int:
        """How many would have been in at `at`. Raises Unsupported as `members` does."""
        return len(self.members(tree, at))

    def _mask(self, tree: All, at: datetime) -> Bools:
        people = PastPeople(self, at)
        lists = self.lists_of(tree)
        existed = people.answer(lambda part: self._existed(part, lists))
        return Evaluation(people, at).mask(tree) & existed

    def lists_of(self, tree: All) -> frozenset[str]:
        """The keys of the lists that a definition asks for, also through other segments."""
        keys: set[str] = set()
        trees = [tree]
        while trees:
            for _, condition in conditions(trees.pop()):
                groups = {fact.name for fact in condition.reads() if fact.kind == FactKind.GROUP}
                for key in groups - keys:
                    keys.add(key)
                    if key not in self.inventory.lists and (other := self._tree(key)) is not None:
                        trees.append(other)
        return frozenset(keys & self.inventory.lists.keys())

    def _existed(self, part: Population, lists: frozenset[str]) -> Bools:
        """bool[n]: who was known at the instant of a population of the past."""
        known = part.attribute("created").is_set | part.attribute("first_active").is_set
        for key in lists:
            known = known.copy()
            known[part.group(key).profiles] = True
        return known

    @cached_property
    def begin(self) -> datetime | None:
        """The first instant of which anything is known."""
        times = [
            part.attribute(name).instant_per_row()
            for part in self.people.parts
            for name in ("created", "first_active")
        ]
        stated = [instants[instants != NO_INSTANT] for instants in times]
        first = [int(instants.min()) for instants in stated if len(instants)]
        return to_datetime(min(first), self.people.zone) if first else None

    @cached_property
    def removals(self) -> dict[str, list[ListRemoval]]:
        """Who was removed from which list, by its key."""
        rows = ListRemoval.objects.filter(account=self.account).select_related("list")
        by_key: dict[str, list[ListRemoval]] = defaultdict(list)
        for row in rows:
            by_key[row.list.key].append(row)
        return by_key

    def removals_since(self, tree: All, since: datetime) -> tuple[str, datetime] | None:
        """A list of the definition whose removals are only known from later than `since` on.

        Its name, and from when; of several the one that is known for the shortest time.
        """
        rows = List.objects.filter(
            account=self.account, key__in=self.lists_of(tree), removals_since__gt=since
        )
        row = rows.order_by("-removals_since").first()
        return (row.name, row.removals_since) if row and row.removals_since else None

    def group_at(self, part: Population, key: str, at: datetime) -> GroupRows:
        """Who was in a list or segment at an instant. Raises UnknownKey."""
        if key in self.inventory.lists:
            return self._list_at(part, key, at)
        tree = self._tree(key)
        if tree is None:
            raise UnknownKey("list or segment", key)
        if self._members_at != at:
            self._members, self._members_at = {}, at
        rows = self._members.get((id(part), key))
        if rows is None:
            mask = Evaluation(Population(PastSource(self, part, at)), at).mask(tree)
            inside = np.flatnonzero(mask).astype(np.int32)
            rows = GroupRows(inside, np.full(len(inside), to_micros(at)))
            self._members[id(part), key] = rows
        return rows

    def _list_at(self, part: Population, key: str, at: datetime) -> GroupRows:
        present, moment = part.group(key), to_micros(at)
        stays = [
            (row.profile_id, to_micros(row.joined))
            for row in self.removals.get(key, ())
            if row.joined <= at < row.removed
        ]
        ended: npt.NDArray[np.int64] = np.array(stays, dtype=np.int64).reshape(-1, 2)
        places, known = positions_in(part.ids, ended[:, 0])
        on_list = present.since <= moment
        who: Numbers = np.concatenate([present.profiles[on_list], places[known].astype(np.int32)])
        since = np.concatenate([present.since[on_list], ended[known, 1]])
        order = np.lexsort((since, who))
        who, since = who[order], since[order]
        first = np.ones(len(who), dtype=np.bool_)
        np.not_equal(who[1:], who[:-1], out=first[1:])
        return GroupRows(who[first], since[first])


class PastSource:
    """What was known of some people at an instant (see population.Source)."""

    in_files = False
    rows: RowReader | None = None

    def __init__(self, past: Past, part: Population, at: datetime) -> None:
        self._past, self._part, self._at = past, part, at
        self.account_id: int = part.account_id
        self.zone: ZoneInfo = part.zone
        self.ids: Ints = part.ids
        self.as_of = part.as_of

    def attribute(self, name: str) -> Column:
        if facts.attribute(name) not in _DATED:
            _refuse(name)
        instants = self._part.attribute(name).instant_per_row()
        return from_instants(np.where(instants <= to_micros(self._at), instants, NO_INSTANT))

    def profile_property(self, name: str) -> Column:
        _refuse(name)

    def events(self, metric: str) -> Events:
        return self._part.events(metric).within(FIRST, to_micros(self._at) + 1)

    def consent(self, channel: str, field: str) -> Column:
        _refuse(channel)

    def suppression(self, channel: str, reason: str) -> Column:
        _refuse(channel)

    def list_members(self, key: str) -> GroupRows:
        """Who was in a list or in a segment."""
        return self._past.group_at(self._part, key, self._at)

    def coordinates(self) -> tuple[Floats, Floats]:
        _refuse("place")


def _refuse(what: str) -> NoReturn:
    raise Unsupported(f"{what} is only known as it is now.")


class PastPeople:
    """Everyone, with what was known of them at an instant (see people.People)."""

    in_files = False

    def __init__(self, past: Past, at: datetime) -> None:
        self._people = past.people
        self._parts = {
            id(part): Population(PastSource(past, part, at)) for part in self._people.parts
        }

    def __len__(self) -> int:
        return len(self._people)

    @property
    def account_id(self) -> int:
        return self._people.account_id

    @property
    def zone(self) -> ZoneInfo:
        return self._people.zone

    @property
    def ids(self) -> Ints:
        return self._people.ids

    @property
    def as_of(self) -> datetime:
        return self._people.as_of

    @property
    def parts(self) -> tuple[Population, ...]:
        return tuple(self._parts[id(part)] for part in self._people.parts)

    @property
    def shares(self) -> tuple[tuple[Population, Bools | None], ...]:
        return tuple((self._parts[id(part)], share) for part, share in self._people.shares)

    def answer(self, question: Question) -> Bools:
        return self._people.answer(lambda part: question(self._parts[id(part)]))

    def renew(self, *, as_of: datetime) -> None:
        """The past stays as it was read."""
