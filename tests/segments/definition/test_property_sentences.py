"""Sentences of conditions about properties."""

from __future__ import annotations

import pytest

from tests.builders.definitions import either, last, number, text
from tests.segments.definition.sentences import Json, has, sentence


@pytest.mark.parametrize(
    ("name", "filter", "english", "swedish"),
    [
        (
            "email",
            text("ends-with", "@x.se"),
            "email ends with “@x.se”",
            "e-post slutar på ”@x.se”",
        ),
        (
            "location['country']",
            text("not-equals", "Canada", include_unset=True),
            "country is not “Canada” (or is not set)",
            "land inte är ”Canada” (eller saknar värde)",
        ),
        (
            "first_name",
            text("in", ["Ann", "Åsa", "Eva"], ignore_case=True, include_unset=True),
            "first name is any of “Ann”, “Åsa” or “Eva” (ignoring case, or is not set)",
            (
                "förnamn är något av ”Ann”, ”Åsa” eller ”Eva”"
                " (oavsett stora och små bokstäver, eller saknar värde)"
            ),
        ),
        ("title", text("in", ["CEO"]), "title is “CEO”", "titel är ”CEO”"),
        ("title", text("not-in", ["CEO"]), "title is not “CEO”", "titel inte är ”CEO”"),
        (
            "properties['Size']",
            number("equals", 1985),
            "Size is equal to 1985",
            "Size är lika med 1985",
        ),
        (
            "properties['Points']",
            number("less-than", -12_345.6),
            "Points is less than -12,345.6",
            "Points är mindre än -12\u00a0345,6",
        ),
        (
            "properties['Country']",
            {"type": "existence", "operator": "not-set"},
            "custom property Country is not set",
            "Country saknar värde",
        ),
        (
            "properties['Land']",
            {"type": "existence", "operator": "is-set"},
            "Land is set",
            "egna egenskap Land har ett värde",
        ),
        (
            "properties['Birthday']",
            {"type": "date", "operator": "calendar-month", "value": 5},
            "Birthday is in May (of any year)",
            "Birthday infaller i maj (oavsett år)",
        ),
        (
            "properties['Birthday']",
            {"type": "date", "operator": "anniversary"},
            "Birthday has its anniversary today",
            "Birthday har årsdag i dag",
        ),
        (
            "created",
            last(30, "day"),
            "date of creation is in the last 30 days",
            "skapandedatum infaller under de senaste 30 dagarna",
        ),
        (
            "properties['Tags']",
            {"type": "list", "operator": "contains-all", "value": ["a", 2, True]},
            "Tags contains all of “a”, 2 and true",
            "Tags innehåller samtliga av ”a”, 2 och sant",
        ),
        (
            "properties['Tags']",
            {"type": "list", "operator": "not-contains-any", "value": ["a"]},
            "Tags does not contain the item “a”",
            "Tags inte innehåller värdet ”a”",
        ),
        (
            "properties['Tags']",
            {"type": "list", "operator": "length-greater-than", "value": 1},
            "Tags has more than 1 item",
            "Tags har fler än 1 värde",
        ),
    ],
)
def test_properties(name: str, filter: Json, english: str, swedish: str) -> None:
    assert sentence(either(has(name, filter))) == f"People whose {english}."
    assert sentence(either(has(name, filter)), "sv") == f"Personer vars {swedish}."


def test_a_long_list_is_cut_and_says_so() -> None:
    words = [f"w{i}" for i in range(25)]
    words_ = sentence(either(has("title", text("in", words))))
    assert words_.endswith("“w18”, “w19” or 5 others.")
