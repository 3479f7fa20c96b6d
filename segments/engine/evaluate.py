"""Evaluating trees over people, each distinct condition once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from profiles.columns.column import Bools
from profiles.columns.instants import NO_INSTANT, to_datetime
from profiles.columns.people import People
from profiles.columns.population import Population
from profiles.facts import FactKind
from segmenter.kernel.threads import together
from segments.definition.tree import All, Any, Condition, Node, Not, conditions
from segments.models import AccountClock

AHEAD = timedelta(seconds=30)
"""A stored time is believed so far after the present; a later one is of a clock that was wrong."""
MANY = 200_000
"""Of so many people on, two threads answer conditions that are read from files."""
_IN_FILES = frozenset(
    {
        *(FactKind.METRIC, FactKind.ATTRIBUTE, FactKind.PROPERTY, FactKind.CONSENT),
        FactKind.PLACE,
    }
)


class Evaluation:
    """Answers of many trees about some people at one moment; every node is computed once."""

    def __init__(self, people: People, at: datetime) -> None:
        self.people = people
        self.at = at
        self._masks: dict[Node, Bools] = {}
        self._ahead: dict[Condition, Bools] = {}
        """Answers about the first part of the people."""

    def mask(self, node: Node) -> Bools:
        """bool[n]: who matches. Do not write into it."""
        found = self._masks.get(node)
        if found is None:
            if len(self.people) >= MANY and not isinstance(node, Condition):
                self._look_ahead(node)
            found = self._masks[node] = self._compute(node)
        return found

    def _look_ahead(self, node: Node) -> None:
        """Answer a tree's conditions by two threads, most of the time outside of Python's lock.

        What may have to be asked of the database is left to this thread, whose connection it is.
        """
        first = self.people.parts[0]
        wanted = [c for _, c in conditions(node) if c not in self._masks and c not in self._ahead]
        if len(wanted) < 2 or not first.in_files:
            return
        ahead = sorted(filter(is_in_files, dict.fromkeys(wanted)), key=_facts_read, reverse=True)
        for condition in ahead:
            for fact in condition.reads():
                if fact.kind == FactKind.METRIC:
                    first.events(fact.name)
        answers = together([partial(self._of, first, condition) for condition in ahead])
        self._ahead.update(zip(ahead, answers, strict=True))

    def _compute(self, node: Node) -> Bools:
        match node:
            case All(groups):
                found = self.mask(groups[0])
                for group in groups[1:]:
                    found = found & self.mask(group)
                return found
            case Any(members):
                found = self.mask(members[0])
                for member in members[1:]:
                    found = found | self.mask(member)
                return found
            case Not(child):
                return ~self.mask(child)
        assert isinstance(node, Condition)
        first, ahead = self.people.parts[0], self._ahead.get(node)
        return self.people.answer(
            lambda part: ahead if ahead is not None and part is first else self._of(part, node)
        )

    def _of(self, part: Population, condition: Condition) -> Bools:
        """bool[]: whom of a part of the people a condition matches."""
        return condition.mask(part, self.at)


def is_in_files(condition: Condition) -> bool:
    """Whether all that a condition reads lies in files, where anything does."""
    return all(fact.kind in _IN_FILES for fact in condition.reads())


def _facts_read(condition: Condition) -> int:
    """What reads the most takes the longest."""
    return len(condition.reads())


def at_least(
    account_id: int, people: People, at: datetime, *, present: datetime | None = None
) -> datetime:
    """The moment to evaluate people at: `at`, unless something of theirs is known to be later.

    Whoever asked for the time did so before the people were read; what was stored since then has
    happened, and an edge that was drawn since then holds. Times that lie AHEAD of the `present`
    are of a clock that was wrong: they count no further.
    """
    moment = at
    clock = AccountClock.objects.filter(account_id=account_id).first()
    if clock is not None:
        moment = max(moment, clock.until)
    for part in people.parts:
        stored = part.attribute("last_active").values.stored
        if stored is not None and (stored != NO_INSTANT).any():
            moment = max(moment, to_datetime(int(stored.max()), people.zone))
    return moment if present is None else max(at, min(moment, present + AHEAD))
