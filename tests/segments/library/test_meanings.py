"""Each ready-made segment means what it is described as: who is in, who is not, its sentence."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import translation

from segments.definition.codec import decode, encode
from segments.engine.evaluate import Evaluation
from segments.library.account_values import NoValues
from segments.library.proposal import Proposal, propose
from segments.library.ready_segment import Purpose, personas, ready_segments
from tests.oracle.oracle import members
from tests.oracle.world import World
from tests.segments.library.facts import AT, FACTS, OLD, Somebody
from tests.segments.memory import population

KEYS = [key for key, ready in ready_segments.items() if ready.definition is not None]
DOCUMENTED = frozenset(
    [
        "cross-sell",
        "cold-region",
        "outside-countries",
        "inside-eu",
        "outside-eu",
        "product-interest",
        "custom-property",
        "active-buyers",
        "nearly-lost",
        "frequent-buyers",
        "big-spenders",
        "almost-there",
        "privacy-opens",
        "churn-risk",
        "high-aov",
        "low-aov",
        "holiday-shoppers",
        "expected-to-order-soon",
        "low-clv",
        "near-a-place",
        "customers-for-clv-export",
        "test-sample",
        "chronic-soft-bounces",
        "cross-channel",
        "new-subscribers",
        "former-vips",
        "high-rollers",
        "brand-enthusiasts",
        "potential-high-rollers",
        "potential-enthusiasts",
        "waiting-on-wows",
        "espresso-shot",
        "window-shoppers",
        "lost-high-rollers",
        "lapsed-enthusiasts",
        "one-hit-wonders",
        "just-passing-through",
        "false-starts",
        "dead-weight",
        "local-event",
        "contact-role",
        "clicked-not-registered",
        "opened-everything",
        "active-30-days",
        "inactive",
        "abandoned-cart",
        "unused-discount",
        "came-from",
        "tagged",
        "need",
        "values-and-lifestyle",
        "low-value-to-lift",
    ]
)


def proposal_of(key: str, **texts: str) -> Proposal:
    return propose(key, ready_segments[key], NoValues(), texts)


def world_of(people: list[Somebody]) -> World:
    profiles = [
        {"external_id": f"p{i}", "created": OLD, **one.profile} for i, one in enumerate(people)
    ]
    events = [
        {**event, "unique_id": f"{i}-{n}", "profile": {"external_id": f"p{i}"}}
        for i, one in enumerate(people)
        for n, event in enumerate(one.events)
    ]
    predictions = [one.prediction for one in people]
    return World(
        profiles, events, predictions=predictions, ids=[str(i + 1) for i in range(len(people))]
    )


def test_the_library_holds_what_is_documented_and_nothing_else() -> None:
    assert set(ready_segments) == DOCUMENTED
    assert set(FACTS) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_who_is_in_and_who_is_not(key: str) -> None:
    inside, outside = FACTS[key]
    assert inside
    assert outside
    definition = proposal_of(key).definition
    assert definition is not None
    world = world_of([*inside, *outside])
    matches = Evaluation(population(world), AT).mask(decode(definition))
    expected = set(range(len(inside)))
    assert set(np.flatnonzero(matches).tolist()) == expected
    assert members(dict(definition), world, AT) == expected


@pytest.mark.parametrize("language", ["en", "sv", "pl"])
@pytest.mark.parametrize("key", KEYS)
def test_a_definition_is_stored_as_it_is_and_has_a_sentence(key: str, language: str) -> None:
    with translation.override(language):
        proposal = proposal_of(key)
    assert proposal.tree is not None
    assert encode(proposal.tree) == proposal.definition
    assert len(proposal.sentence) > 20
    assert "%(" not in proposal.sentence


NUMBERS = [
    (key, one.parameter.name, one.value)
    for key in KEYS
    for one in proposal_of(key).values
    if one.parameter.type == "number"
]


@pytest.mark.parametrize(("key", "name", "value"), NUMBERS)
def test_another_number_is_another_definition(key: str, name: str, value: int) -> None:
    changed = proposal_of(key, **{name: str(value + 1)})
    assert changed.problems == {}
    assert changed.definition is not None
    assert changed.definition != proposal_of(key).definition


def test_fourteen_personas_and_one_of_them_is_for_messages_too() -> None:
    assert len(personas()) == 14
    several = [key for key, ready in ready_segments.items() if len(ready.purposes) > 1]
    assert several == ["almost-there"]
    assert ready_segments["almost-there"].purposes == (Purpose.MESSAGES, Purpose.PERSONAS)


def test_people_who_read_and_never_ordered_are_almost_there_or_wait_on_wows() -> None:
    people = [one for inside, outside in FACTS.values() for one in (*inside, *outside)]
    evaluation = Evaluation(population(world_of(people)), AT)
    masks = {}
    for key in ("almost-there", "waiting-on-wows"):
        definition = proposal_of(key).definition
        masks[key] = evaluation.mask(decode(definition))
    assert not (masks["almost-there"] & masks["waiting-on-wows"]).any()
    assert all(mask.any() for mask in masks.values())


@pytest.mark.parametrize(
    ("key", "texts", "parts"),
    [
        ("cross-sell", {"bought": "tent"}, ["“tent”", "“tank top”"]),
        ("outside-countries", {"second": "Norway"}, ["“United States”", ", and ", "“Norway”"]),
        ("near-a-place", {"kilometers": "50"}, ["less than 50 km from Boston"]),
        ("churn-risk", {"risk": "60 %"}, ["at least 60 %"]),
        ("churn-risk", {"risk": "60"}, ["at least 60 %"]),
        ("churn-risk", {"risk": "0.6"}, ["at least 60 %"]),
        ("holiday-shoppers", {"period": "mothers-day"}, ["27 Apr", "11 May 2025"]),
        ("holiday-shoppers", {"period": "2026-01-02..2026-01-03"}, ["2 Jan 2026", "3 Jan 2026"]),
    ],
)
def test_what_is_typed_is_in_the_sentence(
    key: str, texts: dict[str, str], parts: list[str]
) -> None:
    sentence = proposal_of(key, **texts).sentence
    assert [part for part in parts if part not in sentence] == []


@pytest.mark.parametrize(
    ("key", "texts", "problem"),
    [
        ("active-buyers", {"months": "many"}, "A number is needed here."),
        ("active-buyers", {"months": "2.5"}, "This must be a whole number."),
        ("active-buyers", {"months": "0"}, "This must be a number from 1 to 100,000."),
        ("active-buyers", {"months": "nan"}, "This must be a number from 1 to 100,000."),
        ("active-buyers", {"months": "1e400"}, "This must be a number from 1 to 100,000."),
        ("nearly-lost", {"months": "14"}, "This must not be less than 14."),
        ("churn-risk", {"risk": "101"}, "This must be a number from 0 to 1."),
        ("cross-sell", {"bought": "  "}, "This is needed."),
        ("cross-sell", {"bought": "x" * 201}, "This has more than 200 characters."),
        ("near-a-place", {"place": "Nowhereville"}, "There is no town “Nowhereville”."),
        ("new-subscribers", {"list": "VIP"}, "There is no list “VIP”."),
        ("holiday-shoppers", {"period": "2025-12-02..2025-12-01"}, "The last day is before"),
        ("holiday-shoppers", {"period": "2025-02-30..2025-03-01"}, "There is no such day."),
        ("holiday-shoppers", {"period": "easter"}, "Write two days as"),
        ("holiday-shoppers", {"period": "christmas 1066"}, "The year must be from"),
        ("came-from", {"property": "Shoe size"}, "This must be one of: Initial UTM Source"),
        ("cold-region", {"regions": " , "}, "This is needed."),
    ],
)
def test_a_wrong_value_is_said_at_its_parameter(
    key: str, texts: dict[str, str], problem: str
) -> None:
    proposal = proposal_of(key, **texts)
    assert proposal.definition is None
    name = "lapsed_months" if key == "nearly-lost" else next(iter(texts))
    assert list(proposal.problems) == [name]
    assert problem in proposal.problems[name]


@pytest.mark.parametrize("language", ["en", "sv", "pl"])
@pytest.mark.parametrize("value", [0.01, 118.23, 1000, 12345.5, 1_234_567])
def test_a_number_is_read_as_it_is_shown(language: str, value: float) -> None:
    (parameter,) = ready_segments["big-spenders"].parameters
    with translation.override(language):
        assert parameter.read(parameter.show(value), NoValues(), {}) == value


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "1,000", 1000),
        ("en", "1,000.5", 1000.5),
        ("en", "3,5", None),
        ("sv", "3,5", 3.5),
        ("sv", "118.23", 118.23),
        ("pl", "1 000,25", 1000.25),
    ],
)
def test_a_number_is_written_as_in_the_language(
    language: str, text: str, value: float | None
) -> None:
    with translation.override(language):
        proposal = proposal_of("big-spenders", amount=text)
    assert proposal.values[0].value == (value or 500)
    assert bool(proposal.problems) == (value is None)


@pytest.mark.parametrize("language", ["en", "sv", "pl"])
def test_a_share_is_read_as_it_is_shown(language: str) -> None:
    (parameter,) = ready_segments["churn-risk"].parameters
    with translation.override(language):
        for value in (0.75, 0.005, 0.333, 1):
            assert parameter.read(parameter.show(value), NoValues(), {}) == value
