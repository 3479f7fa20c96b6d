"""The counts of a definition before it is saved: of the whole and of every part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

import numpy as np

from profiles.columns.column import Bools
from profiles.columns.gather import everyone
from profiles.columns.people import People, Question
from profiles.columns.population import Population
from profiles.consent_words import Channel
from segmenter.accounts.models import Account
from segments.definition.conditions.consent import can_receive_on
from segments.definition.consents import can_receive
from segments.definition.tree import All, Condition, Node, conditions, walk
from segments.definition.windows import Moment
from segments.engine.answer_cache import CachedEvaluation
from segments.engine.evaluate import Evaluation

CHANNELS = (Channel.EMAIL.value, Channel.SMS.value)


@dataclass(frozen=True)
class Preview:
    """Counts at one moment. Pointers are JSON pointers into the definition."""

    count: int
    total: int
    nodes: Mapping[str, int]
    """Pointer to how many people match the node by itself."""
    left_out: Mapping[str, int]
    """Pointer of a condition to how many people it leaves out because a value is unset."""
    reachable: Mapping[str, int]
    """Channel to how many of the matching people can receive marketing on it."""
    members: list[int] = field(repr=False)
    """Profile ids of a few of them."""
    milliseconds: float = 0.0
    as_of: datetime | None = None
    """All changes committed before this instant are counted."""

    @property
    def share(self) -> float:
        """Part of everyone, 0 to 1."""
        return self.count / self.total if self.total else 0.0


def preview(account: Account, tree: All, at: datetime, *, members: int = 5) -> Preview:
    """Count a definition over everyone at `at`. Raises UnknownKey, Unsupported."""
    started = perf_counter()
    return preview_of(CachedEvaluation(everyone(account), at), tree, started, members=members)


def preview_of(evaluation: Evaluation, tree: All, started: float, *, members: int = 5) -> Preview:
    """The same, with an evaluation that can answer more afterwards; `started` by perf_counter."""
    people = evaluation.people
    matches = evaluation.mask(tree)
    return Preview(
        count=int(np.count_nonzero(matches)),
        total=len(people),
        nodes=counts(evaluation, tree),
        left_out=count_left_out(people, tree, evaluation.at),
        reachable={
            channel: int(np.count_nonzero(matches & evaluation.mask(can_receive_on(channel))))
            for channel in CHANNELS
        },
        members=people.ids[np.flatnonzero(matches)[:members]].tolist(),
        milliseconds=(perf_counter() - started) * 1000,
        as_of=people.as_of,
    )


def counts(evaluation: Evaluation, tree: Node) -> dict[str, int]:
    """How many people match each node by itself, by pointer."""
    return {pointer: int(np.count_nonzero(evaluation.mask(node))) for pointer, node in walk(tree)}


def count_left_out(people: People, tree: Node, at: datetime) -> dict[str, int]:
    """How many people each condition leaves out because a value is unset, by pointer; no zeros."""
    numbers = {}
    for pointer, condition in conditions(tree):
        count = int(np.count_nonzero(people.answer(_lacks_value(condition, at))))
        if count:
            numbers[pointer] = count
    return numbers


def _lacks_value(condition: Condition, at: datetime) -> Question:
    def question(people: Population) -> Bools:
        mask = condition.left_out(people, at)
        return people.nobody() if mask is None else mask

    return question


def receiving(people: People, channel: str, moment: Moment) -> Bools:
    """bool[n]: who can receive marketing on a channel."""
    return people.answer(lambda part: can_receive(part, channel, moment))
