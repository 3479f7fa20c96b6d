"""Definitions as sentences: each with the words a person would use, in every language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from tests.builders.definitions import either, last, number, text
from tests.oracle.strategies import definitions
from tests.segments.definition.sentences import (
    AT_LEAST_ONCE,
    LANGUAGES,
    Json,
    all_time,
    has,
    sentence,
)


def done(metric: str, how: Json, when: Json, **more: Any) -> Json:
    return {
        "type": "profile-metric",
        "metric_id": metric,
        "measurement": "count",
        "measurement_filter": how,
        "timeframe_filter": when,
        **more,
    }


def never(metric: str) -> Json:
    return done(metric, number("equals", 0), all_time())


SWEDE = has("location['country']", text("equals", "Sweden"))
OFTEN = number("greater-than-or-equal", 3)


def test_groups_are_joined_by_and_and_their_members_by_or() -> None:
    almost_there = {
        "condition_groups": [
            {
                "conditions": [
                    done("Opened Email", OFTEN, last(3, "month")),
                    done("Clicked Email", OFTEN, last(3, "month")),
                ]
            },
            {"conditions": [never("Placed Order")]},
        ]
    }
    assert sentence(almost_there) == (
        "People who have done Opened Email at least 3 times in the last 3 months"
        " or have done Clicked Email at least 3 times in the last 3 months,"
        " and have not done Placed Order over all time."
    )
    assert sentence(almost_there, "sv") == (
        "Personer som har gjort Opened Email minst 3 gånger under de senaste 3 månaderna"
        " eller har gjort Clicked Email minst 3 gånger under de senaste 3 månaderna,"
        " och inte har gjort Placed Order under hela historiken."
    )
    assert sentence(almost_there, "pl") == (
        "Osoby, które wykonały zdarzenie Opened Email co najmniej 3 razy"
        " w ciągu ostatnich 3 miesięcy"
        " lub wykonały zdarzenie Clicked Email co najmniej 3 razy w ciągu ostatnich 3 miesięcy,"
        " a jednocześnie nie wykonały zdarzenia Placed Order w całej historii."
    )


def test_what_is_nested_stands_in_brackets() -> None:
    nested = {
        "condition_groups": [
            {"conditions": [never("A"), SWEDE]},
            {"conditions": [never("B")]},
        ]
    }
    assert sentence(either(nested)) == (
        "People (who have not done A over all time or whose country is “Sweden”,"
        " and who have not done B over all time)."
    )
    outside = {"condition_groups": [{"conditions": [never("C"), nested, never("D")]}]}
    assert sentence(outside) == (
        "People who have not done C over all time"
        " or (have not done A over all time or whose country is “Sweden”,"
        " and who have not done B over all time)"
        " or who have not done D over all time."
    )


def test_brackets_around_a_single_condition_are_left_out() -> None:
    assert sentence(either(either(either(SWEDE)))) == "People whose country is “Sweden”."


def test_not_says_what_it_covers() -> None:
    assert sentence(either({"not": either(never("A"), SWEDE)}, never("B"))) == (
        "People who are not among (those who have not done A over all time"
        " or whose country is “Sweden”) or have not done B over all time."
    )
    assert sentence(either({"not": {"not": SWEDE}}), "sv") == (
        "Personer som inte hör till (dem som inte hör till (dem vars land är ”Sweden”))."
    )
    assert sentence(either({"not": SWEDE}), "pl") == (
        "Osoby, które nie należą do (osób, których pole kraj ma wartość „Sweden”)."
    )


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (AT_LEAST_ONCE, "who have done A at least once over all time"),
        (number("greater-than", 0), "who have done A at least once over all time"),
        (number("not-equals", 0), "who have done A at least once over all time"),
        (number("equals", 0), "who have not done A over all time"),
        (number("less-than", 1), "who have not done A over all time"),
        (number("less-than-or-equal", 0), "who have not done A over all time"),
        (number("equals", 1), "who have done A exactly once over all time"),
        (number("equals", 12_000), "who have done A exactly 12,000 times over all time"),
        (number("greater-than", 1), "who have done A more than once over all time"),
        (number("less-than", 3), "who have done A fewer than 3 times (or never) over all time"),
        (
            number("less-than-or-equal", 2),
            "who have done A at most 2 times (or never) over all time",
        ),
        (number("not-equals", 5), "who have done A not exactly 5 times (or never) over all time"),
        (number("greater-than-or-equal", 2.5), "who have done A at least 2.5 times over all time"),
        (
            {"type": "numeric", "operator": "between", "start": 2, "end": 5},
            "who have done A between 2 and 5 times over all time",
        ),
        (
            {"type": "numeric", "operator": "between", "start": 0, "end": 0},
            "who have not done A over all time",
        ),
    ],
)
def test_how_often(how: Json, expected: str) -> None:
    assert sentence(either(done("A", how, all_time()))) == f"People {expected}."


@pytest.mark.parametrize(
    ("measurement", "name", "how", "expected"),
    [
        ("sum", None, OFTEN, "with a total value of at least 3"),
        ("sum", "$value", OFTEN, "with a total value of at least 3"),
        ("sum", None, number("less-than", 500), "with a total value of less than 500 (or never)"),
        ("sum", "Quantity", OFTEN, "with a total Quantity of at least 3"),
        ("average", None, number("less-than", 9.5), "with an average value of less than 9.5"),
        ("minimum", "Quantity", OFTEN, "with a smallest Quantity of at least 3"),
        ("maximum", None, number("equals", 0), "with a largest value of exactly 0"),
        ("distinct", "Item", AT_LEAST_ONCE, "with at least 1 different value of Item"),
        (
            "distinct",
            "Item",
            number("equals", 0),
            "with exactly 0 different values of Item (or never)",
        ),
    ],
)
def test_measurements(measurement: str, name: str | None, how: Json, expected: str) -> None:
    condition = done("A", how, all_time(), measurement=measurement, measurement_property=name)
    assert sentence(either(condition)) == f"People who have done A {expected} over all time."


@pytest.mark.parametrize(
    ("when", "english", "swedish", "polish"),
    [
        (
            last(1, "month"),
            "in the last month",
            "under den senaste månaden",
            "w ciągu ostatniego miesiąca",
        ),
        (
            last(22, "hour"),
            "in the last 22 hours",
            "under de senaste 22 timmarna",
            "w ciągu ostatnich 22 godzin",
        ),
        (
            {"type": "date", "operator": "at-least", "quantity": 2, "unit": "year"},
            "at least 2 years ago",
            "för minst 2 år sedan",
            "co najmniej 2 lata temu",
        ),
        (
            {"type": "date", "operator": "at-least", "quantity": 12, "unit": "week"},
            "at least 12 weeks ago",
            "för minst 12 veckor sedan",
            "co najmniej 12 tygodni temu",
        ),
        (
            {"type": "date", "operator": "between", "start": 3, "end": 5, "unit": "day"},
            "between 3 and 5 days ago",
            "för mellan 3 och 5 dagar sedan",
            "od 3 do 5 dni temu",
        ),
        (
            {"type": "date", "operator": "in-the-next", "quantity": 7, "unit": "day"},
            "in the next 7 days",
            "under de närmaste 7 dagarna",
            "w ciągu najbliższych 7 dni",
        ),
        (
            {"type": "date", "operator": "before", "date": "2026-03-01"},
            "before 1 Mar 2026",
            "före den 1 mars 2026",
            "przed 1 marca 2026",
        ),
        (
            {"type": "date", "operator": "after", "date": "2026-03-01T14:00:30+02:00"},
            "after 1 Mar 2026 at 14:00:30 UTC+02:00",
            "efter den 1 mars 2026 kl.\u00a014:00:30 UTC+02:00",
            "po 1 marca 2026 o\u00a0godz.\u00a014:00:30 UTC+02:00",
        ),
        (
            {
                "type": "date",
                "operator": "between-static",
                "start": "2025-11-28",
                "end": "2025-12-01",
            },
            "from 28 Nov 2025 through 1 Dec 2025",
            "från och med den 28 november 2025 till och med den 1 december 2025",
            "od 28 listopada 2025 do 1 grudnia 2025 włącznie",
        ),
        (
            {"type": "date", "operator": "anniversary-last", "quantity": 1, "unit": "week"},
            "on a date that has its anniversary in the last week",
            "på ett datum som har årsdag under den senaste veckan",
            "w dniu, którego rocznica przypada w ciągu ostatniego tygodnia",
        ),
    ],
)
def test_when(when: Json, english: str, swedish: str, polish: str) -> None:
    condition = either(done("A", AT_LEAST_ONCE, when))
    assert sentence(condition) == f"People who have done A at least once {english}."
    assert sentence(condition, "sv") == f"Personer som har gjort A minst en gång {swedish}."
    assert (
        sentence(condition, "pl") == f"Osoby, które wykonały zdarzenie A co najmniej raz {polish}."
    )


@pytest.mark.parametrize(
    ("quantity", "polish"),
    [(1, "1 godzinę"), (2, "2 godziny"), (5, "5 godzin"), (12, "12 godzin"), (23, "23 godziny")],
)
def test_polish_plurals(quantity: int, polish: str) -> None:
    when = {"type": "date", "operator": "at-least", "quantity": quantity, "unit": "hour"}
    assert f"co najmniej {polish} temu" in sentence(either(done("A", AT_LEAST_ONCE, when)), "pl")


def test_metric_filters() -> None:
    spring = [
        {"property": "Campaign Name", "filter": text("contains", "spring", ignore_case=True)},
        {
            "property": "Apple Privacy Open",
            "filter": {"type": "boolean", "operator": "equals", "value": True},
        },
        {"property": "$value", "filter": number("greater-than", 9.5)},
    ]
    condition = done("Opened Email", AT_LEAST_ONCE, last(90, "day"), metric_filters=spring)
    assert sentence(either(condition)) == (
        "People who have done Opened Email at least once in the last 90 days"
        " where Campaign Name contains “spring” (ignoring case), Apple Privacy Open is true"
        " and value is more than 9.5."
    )
    assert sentence(either(condition), "pl") == (
        "Osoby, które wykonały zdarzenie Opened Email co najmniej raz w ciągu ostatnich 90 dni,"
        " gdzie pole Campaign Name zawiera „spring” (bez względu na wielkość liter),"
        " pole Apple Privacy Open ma wartość prawda i pole wartość wynosi więcej niż 9,5."
    )


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(definition=definitions(NOON, "UTC", ["Regulars"]))
def test_any_definition_has_a_sentence(language: str, definition: Json) -> None:
    words_ = sentence(definition, language)
    assert words_ == sentence(definition, language)
    assert words_.endswith(".")
    assert not re.search(r"%\(\w+\)|\bABSENT\b|\bNone\b", words_)
