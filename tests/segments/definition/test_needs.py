"""The sentence of each need, in every language and in the active time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from segments.definition.needs import (
    EventNeed,
    MoreEvents,
    MoreValue,
    MustJoin,
    MustLeave,
    MustNotBeSuppressed,
    MustPass,
    MustSet,
    MustSubscribe,
    MustUnsubscribe,
    Need,
    NextStep,
    OneEvent,
    TooLate,
)

UNTIL = datetime(2026, 3, 4, 23, tzinfo=UTC)
PHRASES: list[tuple[Need, str]] = [
    (MustSet("country"), "country must be set"),
    (MustPass("country", "is “Norway”"), "it must hold that country is “Norway”"),
    (MoreEvents("Bought", 1), "1 more Bought"),
    (MoreEvents("Bought", 12_000, where="Size is “M”"), "12,000 more Bought where Size is “M”"),
    (
        MoreEvents("Bought", 1, where="Size is “M”", until=UNTIL),
        "1 more Bought where Size is “M” before 5 Mar 2026, 00:00",
    ),
    (MoreEvents("Bought", 1, "Colour"), "Bought with 1 more different value of Colour"),
    (MoreEvents("Bought", 2, "Colour"), "Bought with 2 more different values of Colour"),
    (
        MoreValue("Bought", 70.5, "value", exceeds=False),
        "70.5 more in the value of Bought in total",
    ),
    (
        MoreValue("Bought", 0, "value", exceeds=True, until=UNTIL),
        "more than 0 more in the value of Bought in total before 5 Mar 2026, 00:00",
    ),
    (OneEvent("Bought", "value", "is at least 50"), "one Bought whose value is at least 50"),
    (NextStep("Bought", where="Size is “M”"), "as the next step Bought where Size is “M”"),
    (
        TooLate(UNTIL),
        "nothing can be done any more: the time ended on 5 Mar 2026, 00:00",
    ),
    (MustSubscribe("email"), "must subscribe to marketing by email"),
    (MustUnsubscribe("email"), "must unsubscribe from marketing by email"),
    (MustNotBeSuppressed("email"), "the suppression on email must be lifted"),
    (MustJoin(("A",)), "must be in A"),
    (MustJoin(("A", "B", "C")), "must be in one of these: A, B or C"),
    (MustLeave(("A", "B")), "must not be in A or B any more"),
]


@pytest.fixture(autouse=True)
def stockholm() -> Iterator[None]:
    with timezone.override("Europe/Stockholm"):
        yield


def test_every_need_is_said_here() -> None:
    kinds = {*Need.__subclasses__(), *EventNeed.__subclasses__()} - {EventNeed}
    assert {type(need) for need, _phrase in PHRASES} == kinds


@pytest.mark.parametrize(("need", "phrase"), PHRASES)
def test_a_need_says_itself(need: Need, phrase: str) -> None:
    assert need.phrase() == phrase


@pytest.mark.parametrize("language", ["sv", "pl"])
@pytest.mark.parametrize(("need", "phrase"), PHRASES)
def test_no_need_is_left_in_english(need: Need, phrase: str, language: str) -> None:
    with translation.override(language):
        assert need.phrase() != phrase
        assert "%(" not in need.phrase()
