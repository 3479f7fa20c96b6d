"""A portrait of a segment: what is more common among its members than among everyone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from profiles import facts
from profiles.columns.column import Bools, Floats
from profiles.columns.gather import everyone
from profiles.columns.people import People
from profiles.columns.population import UnknownKey
from profiles.facts import FactKey
from segmenter.kernel.errors import Invalid
from segments.compare.candidates import (
    Candidate,
    Json,
    Parts,
    Topic,
    candidates,
    numbers_of,
)
from segments.compare.lift import FALSE_DISCOVERIES, Share, chance, strength
from segments.compare.reach import ReachCounts, members_of, reach_of
from segments.definition.codec import decode
from segments.definition.tree import Condition, Unsupported, conditions
from segments.engine.evaluate import Evaluation
from segments.engine.small_groups import LEAST_PEOPLE
from segments.engine.vocabulary import Catalog
from segments.models import Segment

MOST_BARS = 10
MOST_OTHERS = 40
MOST_OF_A_SUBJECT = 2
"""Bars about one property, metric, channel or prediction."""
LEAST_LIFT = 1.05
"""A smaller difference is of no use, however certain it is."""
FIGURES = (
    *("historic_number_of_orders", "historic_clv", "average_order_value"),
    *("predicted_clv", "churn_probability", "average_days_between_orders"),
)


@dataclass(frozen=True)
class Trait:
    """Something that more members have in common than would by chance."""

    topic: Topic
    condition: Json
    clause: str
    """The condition in words."""
    share: Share
    is_of_definition: bool
    """Whether the segment's definition asks about the same thing."""


@dataclass(frozen=True)
class MedianFigure:
    """The median of a prediction, of those who have it; None of too few people."""

    dimension: str
    here: float | None
    people_here: int
    overall: float | None
    people: int


@dataclass(frozen=True)
class Portrait:
    """`bars` are the strongest traits that the definition does not ask for; `others` the rest."""

    size: int
    total: int
    bars: tuple[Trait, ...] = ()
    others: tuple[Trait, ...] = ()
    figures: tuple[MedianFigure, ...] = ()
    reach: tuple[ReachCounts, ...] = ()
    """Of the members, and of everyone."""
    tests: int = 0
    """How many conditions were tried."""
    as_of: datetime | None = None

    @property
    def is_too_small(self) -> bool:
        return self.size < LEAST_PEOPLE

    @property
    def is_everyone(self) -> bool:
        return self.size == self.total


def portrait(segment: Segment, at: datetime) -> Portrait:
    """Compare a segment's present members with everyone. Raises UnknownKey."""
    people = everyone(segment.account)
    inside = members_of(people, segment.key)
    size, total = int(np.count_nonzero(inside)), len(people)
    if size < LEAST_PEOPLE:
        return Portrait(size, total, as_of=people.as_of)
    catalog = Catalog(segment.account)
    traits, tests = _traits(segment, catalog, people, inside, at)
    bars = list(_varied(trait for trait in traits if not trait.is_of_definition))[:MOST_BARS]
    return Portrait(
        size,
        total,
        tuple(bars),
        tuple([trait for trait in traits if trait not in bars][:MOST_OTHERS]),
        tuple(_figures(catalog, people, inside)),
        tuple(reach_of(people, [inside, np.ones(total, dtype=np.bool_)], at)),
        tests,
        people.as_of,
    )


def _traits(
    segment: Segment, catalog: Catalog, people: People, inside: Bools, at: datetime
) -> tuple[list[Trait], int]:
    """What differs for certain, the strongest first; and how many conditions were tried."""
    size, total = int(np.count_nonzero(inside)), len(people)
    trials: list[tuple[Candidate, Condition, Share]] = []
    for candidate in candidates(catalog, people, _parts(people, segment.key)):
        condition = condition_of(candidate.condition)
        try:
            matches = Evaluation(people, at).mask(condition)  # of so many, none is kept
        except (UnknownKey, Unsupported):
            continue
        both = int(np.count_nonzero(matches & inside))
        if both >= LEAST_PEOPLE:
            share = Share(both, size, int(np.count_nonzero(matches)), total)
            trials.append((candidate, condition, share))
    shares = [share for _candidate, _condition, share in trials]
    certain, order = chance(shares) <= FALSE_DISCOVERIES, np.argsort(-strength(shares))
    asks = _reads_of(segment)
    traits = [
        Trait(
            trials[i][0].topic,
            trials[i][0].condition,
            trials[i][1].sentence(catalog),
            shares[i],
            bool(asks & trials[i][1].reads()),
        )
        for i in order.tolist()
        if certain[i] and shares[i].lift >= LEAST_LIFT
    ]
    return traits, len(trials)


def condition_of(condition: Json) -> Condition:
    """The condition of a piece of JSON. Raises Invalid."""
    tree = decode({"condition_groups": [{"conditions": [condition]}]})
    return next(one for _pointer, one in conditions(tree))


def _parts(people: People, key: str) -> Parts:
    parts = []
    for population, counts in people.shares:
        inside = population.nobody()
        inside[population.group(key).profiles] = True
        parts.append((population, inside if counts is None else inside & counts))
    return parts


def _reads_of(segment: Segment) -> frozenset[FactKey]:
    """What the segment's definition asks about; nothing if it cannot be read."""
    try:
        tree = decode(segment.definition)
    except Invalid:
        return frozenset()
    reads = [condition.reads() for _pointer, condition in conditions(tree)]
    return frozenset().union(*reads) - {facts.EXISTS}


def _varied(traits: Iterator[Trait]) -> Iterator[Trait]:
    """At most MOST_OF_A_SUBJECT traits about one thing, and one of those with the same people.

    Of events and predictions one: "at least 3 times" says nothing new after "at least once". Equal
    counts are taken for the same people: everyone in Falun lives in Dalarna.
    """
    of_subject: Counter[frozenset[FactKey]] = Counter()
    counts = set()
    for trait in traits:
        subject = condition_of(trait.condition).reads()
        most = MOST_OF_A_SUBJECT if trait.topic in (Topic.PLACE, Topic.PROPERTY) else 1
        same = (trait.share.inside, trait.share.everyone)
        if of_subject[subject] < most and same not in counts:
            of_subject[subject] += 1
            counts.add(same)
            yield trait


def _figures(catalog: Catalog, people: People, inside: Bools) -> Iterator[MedianFigure]:
    for dimension in FIGURES:
        if dimension in catalog.closed_predictions:
            continue
        here, overall = numbers_of(people, dimension, inside), numbers_of(people, dimension)
        if len(overall):
            yield MedianFigure(dimension, _median(here), len(here), _median(overall), len(overall))


def _median(numbers: Floats) -> float | None:
    return float(np.median(numbers)) if len(numbers) >= LEAST_PEOPLE else None
