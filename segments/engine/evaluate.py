"""Evaluating trees over people, each distinct condition once."""

from __future__ import annotations

from datetime import datetime

from profiles.columns.column import Bools
from profiles.columns.instants import NO_INSTANT, to_datetime
from profiles.columns.people import People
from segments.definition.tree import All, Any, Condition, Node, Not
from segments.models import AccountClock


class Evaluation:
    """Answers of many trees about some people at one moment; every node is computed once."""

    def __init__(self, people: People, at: datetime) -> None:
        self.people = people
        self.at = at
        self._masks: dict[Node, Bools] = {}

    def mask(self, node: Node) -> Bools:
        """bool[n]: who matches. Do not write into it."""
        found = self._masks.get(node)
        if found is None:
            found = self._masks[node] = self._compute(node)
        return found

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
        return self.people.answer(lambda part: node.mask(part, self.at))


def at_least(account_id: int, people: People, at: datetime) -> datetime:
    """The moment to evaluate people at: `at`, unless something of theirs is known to be later.

    Whoever asked for the time did so before the people were locked; what was stored since then
    has happened, and an edge that was drawn since then holds.
    """
    moment = at
    clock = AccountClock.objects.filter(account_id=account_id).first()
    if clock is not None:
        moment = max(moment, clock.until)
    for part in people.parts:
        stored = part.attribute("last_active").values.stored
        if stored is not None and (stored != NO_INSTANT).any():
            moment = max(moment, to_datetime(int(stored.max()), people.zone))
    return moment
