"""Evaluating trees over people; each distinct condition once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from profiles.columns.column import Bools
from profiles.columns.instants import NO_INSTANT, to_datetime
from profiles.columns.people import People
from profiles.columns.population import Population
from profiles.facts import FactKind
from segmenter.kernel.threads import run_together
from segments.definition.tree import All, Any, Condition, Node, Not, conditions
from segments.models import AccountClock

CLOCK_TOLERANCE = timedelta(seconds=30)
"""A stored time may be this far after the present. A later one is from a clock that was wrong."""
THREADS_FROM = 200_000
"""From this many people on, two threads evaluate conditions that are read from files."""
_IN_FILES = frozenset(
    {
        *(FactKind.METRIC, FactKind.ATTRIBUTE, FactKind.PROPERTY, FactKind.CONSENT),
        FactKind.PLACE,
    }
)


class Evaluation:
    """The answers of trees about some people at one moment. Every node is computed once."""

    def __init__(self, people: People, at: datetime) -> None:
        self.people = people
        self.at = at
        self._masks: dict[Node, Bools] = {}
        self._prefetched: dict[Condition, Bools] = {}
        """Answers about the first part of the people, computed in advance."""

    def mask(self, node: Node) -> Bools:
        """bool[n]: who matches. Read only."""
        matches = self._masks.get(node)
        if matches is None:
            if len(self.people) >= THREADS_FROM and not isinstance(node, Condition):
                self._prefetch(node)
            matches = self._masks[node] = self._compute(node)
        return matches

    def _prefetch(self, node: Node) -> None:
        """Evaluate a tree's conditions in two threads; NumPy and Arrow release Python's lock.

        Conditions that may need a query stay in this thread, which owns the database connection.
        """
        first = self.people.parts[0]
        open_conditions = [
            c for _, c in conditions(node) if c not in self._masks and c not in self._prefetched
        ]
        if len(open_conditions) < 2 or not first.in_files:
            return
        ahead = sorted(
            filter(is_in_files, dict.fromkeys(open_conditions)), key=_facts_read, reverse=True
        )
        for condition in ahead:
            for fact in condition.reads():
                if fact.kind == FactKind.METRIC:
                    first.events(fact.name)
        answers = run_together([partial(self._of, first, condition) for condition in ahead])
        self._prefetched.update(zip(ahead, answers, strict=True))

    def _compute(self, node: Node) -> Bools:
        match node:
            case All(groups):
                matches = self.mask(groups[0])
                for group in groups[1:]:
                    matches = matches & self.mask(group)
                return matches
            case Any(members):
                matches = self.mask(members[0])
                for member in members[1:]:
                    matches = matches | self.mask(member)
                return matches
            case Not(child):
                return ~self.mask(child)
        assert isinstance(node, Condition)
        first, ahead = self.people.parts[0], self._prefetched.get(node)
        return self.people.answer(
            lambda part: ahead if ahead is not None and part is first else self._of(part, node)
        )

    def _of(self, part: Population, condition: Condition) -> Bools:
        """bool[]: who of a part of the people matches a condition."""
        return condition.mask(part, self.at)


def is_in_files(condition: Condition) -> bool:
    """Whether all that a condition reads is in the files, where there are files."""
    return all(fact.kind in _IN_FILES for fact in condition.reads())


def _facts_read(condition: Condition) -> int:
    """A proxy for the cost of a condition."""
    return len(condition.reads())


def evaluation_moment(
    account_id: int, people: People, at: datetime, *, present: datetime | None = None
) -> datetime:
    """The moment to evaluate people at: `at`, unless something of theirs is known to be later.

    `at` was taken before the people were read. What was stored since then has happened, and edges
    that were passed since then are passed. Times more than CLOCK_TOLERANCE after the `present` are
    from a clock that was wrong: they count only up to that limit.
    """
    moment = at
    clock = AccountClock.objects.filter(account_id=account_id).first()
    if clock is not None:
        moment = max(moment, clock.until)
    for part in people.parts:
        instants = part.attribute("last_active").values.times
        if instants is not None and (instants != NO_INSTANT).any():
            moment = max(moment, to_datetime(int(instants.max()), people.zone))
    return moment if present is None else max(at, min(moment, present + CLOCK_TOLERANCE))
