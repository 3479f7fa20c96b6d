"""Why one person is in a segment or not: each condition, what decided, and what time will change.

Reads only. Answers come from the one evaluator over a population of one, so they cannot contradict
membership. The evidence beside them comes from the conditions themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from profiles import facts
from profiles.columns.gather import some
from profiles.columns.population import Population, UnknownKey
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.evidence import Evidence
from segments.definition.needs import MoreEvents, MoreValue, Need
from segments.definition.tree import (
    All,
    Any,
    Condition,
    Names,
    Node,
    Not,
    Unsupported,
    children,
    conditions,
    reads,
)
from segments.engine.queries import Inventory
from segments.explain.future import Future, FutureAnswers
from segments.models import Membership, Segment

MOST_TURNS = 50
"""Moments that are checked to find until when the needs stay the same."""
_KINDS: dict[type[Node], str] = {All: "all", Any: "any", Not: "not"}


@dataclass(frozen=True)
class ConditionLine:
    """One node of the definition: a condition, or what joins the nodes below."""

    kind: str
    """condition, all, any or not."""
    pointer: str
    met: bool
    words: str
    """The sentence of a condition; empty for the others."""
    below: tuple[ConditionLine, ...] = ()
    evidence: Evidence = Evidence()
    outlook: FutureAnswers | None = None
    """When the condition's own answer flips."""

    @property
    def wants(self) -> bool:
        """Whether there are needs to show, here or below."""
        if self.met or self.kind == "not":
            return False
        return bool(self.evidence.needs) or any(line.wants for line in self.below)

    @property
    def unmet(self) -> tuple[ConditionLine, ...]:
        """The lines below that must be met: all unmet ones, or, of an "or", those with needs."""
        if self.kind == "any":
            return tuple(line for line in self.below if line.wants)
        return tuple(line for line in self.below if not line.met)

    @property
    def has_other_ways(self) -> bool:
        """Whether an alternative exists for which no needs can be shown."""
        return self.kind == "any" and len(self.unmet) < len(self.below)


@dataclass(frozen=True)
class Explanation:
    """Why a person is in or out at a moment; `error` says why that is unknown."""

    profile_id: int
    at: datetime
    met: bool = False
    """Whether the person matches the definition."""
    sentence: str = ""
    tree: ConditionLine | None = None
    outlook: FutureAnswers | None = None
    turning: tuple[str, ...] = ()
    """The sentences of the conditions that have changed when the whole answer flips."""
    leans_on_segments: bool = False
    """Whether the definition refers to other segments, whose changes are not predicted."""
    entered: datetime | None = None
    """Since when the person is stored as a member."""
    is_waiting: bool = False
    """Whether the stored membership is about to change to the answer."""
    error: str = ""


def explain_membership(
    account: Account, profile_id: int, what: Segment | All, at: datetime
) -> Explanation:
    """Explain a segment, or an unsaved definition, for one person at `at`.

    Raises NotFound for a person whom the account does not have.
    """
    people = some(account, [profile_id], as_of=at)
    if len(people) == 0:
        raise NotFound("The person")
    names = Inventory(account)
    if isinstance(what, All):
        return explain_tree(people, what, at, names, names.segments)
    memberships = Membership.objects.filter(account=account, segment=what, profile_id=profile_id)
    entered = memberships.values_list("entered", flat=True).first()
    try:
        tree = decode(what.definition)
    except Invalid as error:
        return Explanation(profile_id, at, entered=entered, error=str(error))
    explanation = explain_tree(people, tree, at, names, names.segments)
    stale = not explanation.error and what.is_active and explanation.met != (entered is not None)
    return replace(explanation, entered=entered, is_waiting=stale)


def explain_tree(
    people: Population, tree: All, at: datetime, names: Names, segments: Collection[str] = ()
) -> Explanation:
    """Explain a definition for a population's one person; `segments` are the account's keys."""
    profile_id = int(people.ids[0])
    future = Future(people, at)
    try:
        outlook = future.outlook(tree)
        line = _line(future, names, tree, "")
    except (UnknownKey, Unsupported) as error:
        return Explanation(profile_id, at, error=str(error))
    return Explanation(
        profile_id,
        at,
        met=line.met,
        sentence=describe(tree, names),
        tree=line,
        outlook=outlook,
        turning=tuple(_turning(future, names, tree, outlook.flips)) if outlook.flips else (),
        leans_on_segments=not reads(tree).isdisjoint(map(facts.group, segments)),
    )


def _line(
    future: Future, names: Names, node: Node, pointer: str, *, with_needs: bool = True
) -> ConditionLine:
    """A node and what is below. Under a "not" (`with_needs` False) it states no needs."""
    holds = future.met(node, future.at)
    if not isinstance(node, Condition):
        with_needs = with_needs and not isinstance(node, Not)
        below = tuple(
            _line(future, names, child, pointer + step, with_needs=with_needs)
            for step, child in children(node)
        )
        return ConditionLine(_KINDS[type(node)], pointer, holds, "", below)
    evidence = node.evidence(future.people, future.at, names)
    needs = _dated(future, names, node, evidence.needs) if with_needs else ()
    evidence = replace(evidence, needs=needs)
    sentence = node.sentence(names)
    return ConditionLine("condition", pointer, holds, sentence, (), evidence, future.outlook(node))


def _turning(future: Future, names: Names, tree: All, flips: datetime) -> list[str]:
    """Conditions whose answer at a later moment differs, each once."""
    turned = {
        condition.sentence(names): None
        for _, condition in conditions(tree)
        if future.met(condition, flips) != future.met(condition, future.at)
    }
    return list(turned)


def _dated(
    future: Future, names: Names, condition: Condition, needs: Sequence[Need]
) -> tuple[Need, ...]:
    """The needs, with the moment from which more is needed as events leave the window."""
    amounts = [need for need in needs if isinstance(need, MoreEvents | MoreValue)]
    if not amounts:
        return tuple(needs)
    (need,) = amounts
    for moment in islice(future.moments(condition), MOST_TURNS):
        then = condition.evidence(future.people, moment, names).needs
        if then == tuple(needs):
            continue
        more = [need_then for need_then in then if isinstance(need_then, MoreEvents | MoreValue)]
        if not more or more[0].amount < need.amount:
            break  # time alone lowers the need
        if more[0].amount > need.amount:
            until = moment if need.until is None else min(moment, need.until)
            return (replace(need, until=until),)
    return tuple(needs)
