"""What a marketer writes, in three languages: each with what it means, and what is not guessed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from segmenter.accounts.models import Account
from segments.engine.checking import check_definition
from segments.engine.vocabulary import Catalog
from segments.sentences.parse import MOST_LETTERS, Parse, parse
from tests.fixtures.cast import AT
from tests.segments.sentences.shop import words_shop

__all__ = ["words_shop"]

pytestmark = pytest.mark.django_db

LINES = (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()
SENTENCES = [
    tuple(part.strip() for part in line.split("|", 2)) for line in LINES if line[:1] not in "#"
]


def read(words: str, shop: Account, language: str = "en") -> Parse:
    return parse(words, Catalog(shop), language, at=AT)


@pytest.mark.parametrize("language", ["en", "sv", "pl"])
def test_what_a_marketer_writes_means_what_the_product_says(
    language: str, words_shop: Account
) -> None:
    rows = [row for row in SENTENCES if row[0] == language]
    assert len(rows) >= 40
    wrong = []
    for _language, words, sentence in rows:
        result, expected = read(words, words_shop, language), read(sentence, words_shop)
        assert expected.is_exact, sentence
        if result.gaps or result.definition != expected.definition:
            wrong.append(f"{words}: {result.sentence} {result.gaps}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("words", "gaps"),
    [
        ("some gibberish people", ["gibberish"]),
        ("bought and xyzzy twice", ["xyzzy"]),
        ("ordered recently", ["recently"]),
        ("bought 3 months ago", ["3 months ago"]),
        ("bought 2025", ["2025"]),
        ("ordered in the last 1.5 years", ["in the last 1.5 years"]),
        (
            "ordered from 31 December 2024 to 1 December 2024",
            ["from 31 December 2024 to 1 December 2024"],
        ),
        ("predicted to buy in the next 14 days", ["predicted", "in the next 14 days"]),
    ],
)
def test_what_is_not_understood_is_a_gap_at_its_place(
    words: str, gaps: list[str], words_shop: Account
) -> None:
    result = read(words, words_shop)
    assert [gap.text for gap in result.gaps] == gaps
    assert all(words[gap.start : gap.end] == gap.text for gap in result.gaps)


@pytest.mark.parametrize(
    ("language", "words", "gap"),
    [
        ("sv", "köpt senaste 1,5 åren", "senaste 1,5 åren"),
        ("pl", "kupili w ciągu ostatnich 1,5 roku", "w ciągu ostatnich 1,5 roku"),
    ],
)
def test_a_part_of_a_year_is_a_gap_in_each_language(
    language: str, words: str, gap: str, words_shop: Account
) -> None:
    assert [each.text for each in read(words, words_shop, language).gaps] == [gap]


def test_a_word_that_needs_a_number_nobody_wrote_is_offered_and_not_guessed(
    words_shop: Account,
) -> None:
    result = read("lapsed customers", words_shop)
    assert result.definition is None
    (gap,) = result.gaps
    assert gap.choices == ("who have not done Placed Order in the last 180 days",)


def test_a_negation_is_not_stronger_than_what_was_written(words_shop: Account) -> None:
    result = read("in VIP, no orders since the big bang", words_shop)
    assert result.sentence == "People who are in VIP."
    assert result.gaps


@pytest.mark.parametrize(
    "words",
    [
        "not ordered between 2 and 4 times",
        "no orders over 500",
        "shoe size not between 38 and 41",
        "inga köp över 500",
        "bez zamówień powyżej 500",
    ],
)
def test_a_negation_that_cannot_be_said_leaves_no_condition(
    words: str, words_shop: Account
) -> None:
    result = read(words, words_shop)
    assert result.definition is None
    assert result.gaps


@pytest.mark.parametrize(
    ("words", "gap"),
    [
        ("opened nor clicked", "clicked"),
        ("neither opened in the last 30 days nor clicked", "clicked"),
        ("neither opened nor clicked at least 3 times", "clicked"),
        ("kupili ani kliknęli", "kliknęli"),
    ],
)
def test_nor_that_may_mean_two_things_is_doubtful(
    words: str, gap: str, words_shop: Account
) -> None:
    language = "pl" if "ani" in words else "en"
    assert [each.text for each in read(words, words_shop, language).gaps] == [gap]


def test_and_between_two_countries_is_doubtful(words_shop: Account) -> None:
    result = read("live in Sweden and Norway", words_shop)
    assert result.sentence == "People whose country is “Sweden”."
    assert [gap.text for gap in result.gaps] == ["Norway"]


def test_or_after_and_is_doubtful(words_shop: Account) -> None:
    result = read("bought and clicked or opened", words_shop)
    assert result.gaps


def test_the_other_languages_are_tried(words_shop: Account) -> None:
    result = read("köpt två gånger", words_shop, "en")
    assert result.language == "sv"
    assert result.sentence == "People who have done Placed Order exactly 2 times over all time."


def test_a_quoted_name_is_a_name(words_shop: Account) -> None:
    assert read("in “VIP”", words_shop).sentence == "People who are in VIP."


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "People " + "(" * 10_000,
        "who have done A or " * 500,
        "People whose " + "a " * 5_000 + "is “b”.",
        "People who are in " + "VIP, " * 2_000 + "or VIP.",
        "“" * 10_000,
        "not " * 2_500,
        "bought 3 times and " * 500,
        "90" * 5_000,
        "People who are not among (those " * 300,
        "ö" * 10_000,
        "x" * (MOST_LETTERS + 1),
    ],
)
def test_no_text_takes_long(text: str, words_shop: Account) -> None:
    started = time.process_time()
    result = read(text, words_shop)
    assert time.process_time() - started < 20
    assert result.gaps or result.definition is not None


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_no_text_means_nothing(text: str, words_shop: Account) -> None:
    assert read(text, words_shop) == Parse(None, "", (), False, "en")


@pytest.mark.parametrize(
    "words",
    [
        "ordered since 0001-01-01",
        "ordered in 0000",
        "ordered since 1 january 0001",
        f"opened in the last {'9' * 400} days",
        "opened in the last 999999999999999 days",
        f"spent more than {'9' * 400}",
        "spent between 1e999 and 9e999",
        "churn risk over 1e9999999 %",
        f"People whose predicted churn risk is at least {'9' * 5000} %.",
        "People whose churn risk is at least 1e9999999 %.",
        f"People who have done Placed Order at least {'9' * 5000} times over all time.",
    ],
)
@pytest.mark.parametrize("language", ["en", "sv", "pl"])
def test_numbers_and_dates_that_cannot_be_break_nothing(
    words_shop: Account, words: str, language: str
) -> None:
    result = parse(words, Catalog(words_shop), language, at=AT)
    if result.definition is not None:
        check_definition(words_shop, result.definition)


def test_many_unknown_words_take_no_long_time(words_shop: Account) -> None:
    words = " ".join(f"{a}{b}qz" for a in "bcdfghjklm" for b in "bcdfghjklmnpqrst")
    began = time.process_time()
    assert parse(words, Catalog(words_shop), "en", at=AT).definition is None
    assert time.process_time() - began < 20
