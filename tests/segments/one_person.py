"""Worlds reduced to one of their people, for evidence about one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from profiles.columns.population import Population
from tests.oracle.strategies import Case
from tests.segments.engine.test_against_oracle import in_segments
from tests.segments.memory import population


def each_alone(case: Case) -> Iterator[Case]:
    """The same case for each person, with nobody else in the world."""
    for number, person in enumerate(case.world.people):
        world = replace(
            case.world,
            people=[person],
            entered={(key, 0): t for (key, who), t in case.world.entered.items() if who == number},
            predictions=case.world.predictions[number : number + 1],
            ids=case.world.ids[number : number + 1],
        )
        yield replace(case, world=world)


def columns(case: Case) -> Population:
    return population(case.world, in_segment=in_segments(case))
