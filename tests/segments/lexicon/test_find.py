"""How words become conditions: spelling, "not", times, numbers, and shops of other names."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, create_account
from segments.engine.editing import save_segment
from segments.engine.vocabulary import Catalog
from segments.lexicon import Match, find
from segments.lexicon.entries import entries
from segments.lexicon.find import near
from segments.lexicon.labels import tree_of
from segments.lexicon.letters import errors_between, fold, marked_parts, tokens
from segments.lexicon.modify import modify
from segments.lexicon.query import Amount, parse
from segments.lexicon.shop import ShopNames
from tests.builders.definitions import either
from tests.draws import draws
from tests.fixtures.cast import AT
from tests.segments.builder.builder_page import KnownCatalog
from tests.segments.lexicon.demo_shop import in_short

TODAY = AT.date()


def done(account: Account, *metrics: str, **properties: Any) -> Catalog:
    """One person who did each of these once."""
    events = [
        {
            "metric": metric,
            "time": "2026-02-10T10:00:00Z",
            "unique_id": metric,
            "value": 50,
            "properties": properties,
            "profile": {"email": "anna@example.com"},
        }
        for metric in metrics
    ]
    assert not ingest_events(account=account, records=events, at=AT).rejected
    return Catalog(account)


def first(catalog: Catalog, words: str, language: str = "en") -> Match:
    return find(catalog, words, language, today=TODAY)[0]


# --- spelling ------------------------------------------------------------------------------------


@given(st.text(max_size=40))
def test_a_text_and_its_decomposed_form_are_the_same_words(text: str) -> None:
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(unicodedata.normalize("NFC", text))


@given(st.text(alphabet="abåö", max_size=6), st.text(alphabet="abåö", max_size=6))
def test_typing_errors_are_counted_from_both_sides_alike(one: str, other: str) -> None:
    assert errors_between(one, other, 9) == errors_between(other, one, 9)
    assert (errors_between(one, other, 9) == 0) == (one == other)


@pytest.mark.parametrize(
    ("typed", "word", "errors"),
    [
        ("bougth", "bought", 1),
        ("bough", "bought", 1),
        ("bouught", "bought", 1),
    ],
)
def test_swapped_and_missing_letters_are_one_error(typed: str, word: str, errors: int) -> None:
    assert errors_between(typed, word, 5) == errors


@given(st.text(max_size=20), st.text(max_size=8))
def test_parts_of_a_name_make_up_the_name(text: str, typed: str) -> None:
    assert "".join(part for part, _is_typed in marked_parts(text, typed)) == text


def test_the_beginning_that_was_typed_is_marked_whatever_its_accents() -> None:
    assert marked_parts("Zamówienie lagt", "zamow") == [("Zamów", True), ("ienie lagt", False)]
    assert fold("Köpt ŁÓDŹ") == "kopt lodz"


# --- what is around the words --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rest", "negated", "operator", "quantity", "unit"),
    [
        ("opened in the last 30 days", "opened", False, "in-the-last", 30, "day"),
        ("not opened last week", "opened", True, "in-the-last", 1, "week"),
        ("bought more than 6 months ago", "bought", False, "at-least", 6, "month"),
        ("köpt senaste 3 månaderna", "kopt", False, "in-the-last", 3, "month"),
        ("inte köpt på 90 dagar", "kopt", True, "in-the-last", 90, "day"),
        ("köpt för 2 år sedan", "kopt", False, "at-least", 2, "year"),
        ("kupił w ciągu ostatnich 14 dni", "kupil", False, "in-the-last", 14, "day"),
        ("nie kupił od 6 miesięcy", "kupil", True, "in-the-last", 6, "month"),
        ("birthday in the next 2 weeks", "birthday", False, "in-the-next", 2, "week"),
        ("urodziny w przyszłym tygodniu", "urodziny", False, "in-the-next", 1, "week"),
    ],
)
def test_not_and_times_are_taken_off(
    text: str, rest: str, negated: bool, operator: str, quantity: int, unit: str
) -> None:
    query = parse(text)
    assert " ".join(query.rest) == rest
    assert query.is_negated == negated
    when = {"type": "date", "operator": operator, "quantity": quantity, "unit": unit}
    assert query.timeframe == when


@pytest.mark.parametrize(
    ("text", "operator", "value", "unit"),
    [
        ("ordered 3 times", "", 3, "times"),
        ("at least 5 orders", "greater-than-or-equal", 5, ""),
        ("spent over 1 000 kr", "greater-than", 1000, "money"),
        ("köpt tre gånger", "", 3, "times"),
        ("wydał ponad 500 zł", "greater-than", 500, "money"),
        ("within 20 km of Falun", "less-than", 20, "kilometers"),
        ("bought twice", "", 2, "times"),
        ("sample 10%", "", 10, "percent"),
        ("spent over 99.50", "greater-than", 99.5, ""),
        ("handlat för över 99,50 kr", "greater-than", 99.5, "money"),
        ("spent over 1,500", "greater-than", 1500, ""),
        ("inom 5 mil från Stockholm", "less-than", 50, "kilometers"),
        ("w promieniu 5 mil od Warszawy", "", 5, "miles"),
        ("within 5 miles of Boston", "less-than", 5, "miles"),
    ],
)
def test_numbers_come_with_their_comparison_and_unit(
    text: str, operator: str, value: float, unit: str
) -> None:
    amount = parse(text).amount
    assert amount is not None
    assert (amount.operator, amount.value, amount.unit) == (operator, value, unit)


@pytest.mark.parametrize(
    ("language", "value", "unit"), [("sv", 50, "kilometers"), ("pl", 5, "miles")]
)
def test_mil_alone_is_what_it_is_in_the_language(language: str, value: int, unit: str) -> None:
    assert parse("5 mil Stockholm", language).amount == Amount("", value, unit)


@pytest.mark.parametrize("text", ["ordered in the last 1.5 years", "ordered 1.5 months ago"])
def test_a_part_of_a_month_or_year_is_neither_a_time_nor_an_amount(text: str) -> None:
    query = parse(text)
    assert query.timeframe is None
    assert query.amount is None


@pytest.mark.parametrize(
    ("text", "days", "negated"),
    [
        ("opened today", 0, False),
        ("opened yesterday", 1, False),
        ("not opened yesterday", 1, True),
        ("köpt idag", 0, False),
        ("inte köpt igår", 1, True),
        ("kupił dzisiaj", 0, False),
        ("kupił wczoraj", 1, False),
    ],
)
def test_today_and_yesterday_are_one_day(text: str, days: int, negated: bool) -> None:
    query = parse(text)
    assert query.is_negated == negated
    day = {"type": "date", "operator": "between", "start": days, "end": days, "unit": "day"}
    assert query.timeframe == day


@pytest.mark.parametrize("text", ["02118", "age 25-34", "black friday 2025"])
def test_postcodes_ages_and_years_are_no_amounts(text: str) -> None:
    assert parse(text).amount is None


# --- the entries ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_entry_counts_or_leaves_one_value_to_choose(account: Account) -> None:
    first_of_all = find(Catalog(account), "bought", today=TODAY)
    assert first_of_all
    metrics = sorted({name for _key, each in entries.items() for name in each.metrics})
    shop = ShopNames(done(account, *metrics), TODAY)
    open_kinds = {"profile-property", "profile-predictive-analytics"}
    for name, each in entries.items():
        fragment = each.make(shop)
        assert fragment is not None, name
        kind = name.startswith("kind ")
        assert tree_of(fragment) is not None or kind or fragment["type"] in open_kinds, name
        assert each.phrases
        assert {phrase.language for phrase in each.phrases} == {"en", "sv", "pl"}, name


class _EmptyCatalog(KnownCatalog):
    risk_limits = (0.33, 0.66)


@settings(max_examples=draws(30, nightly=400), deadline=None)
@given(
    st.text(max_size=30)
    | st.sampled_from(
        ["%", "0:A", "3 near", "not list 2 times", "\\", "0" * 99, "last last 9999999 days", "€"]
    )
)
def test_no_text_is_too_odd_to_be_searched(text: str) -> None:
    catalog = _EmptyCatalog()
    for match in find(catalog, text, "en", today=TODAY):
        assert 0 < match.score < 1.1
        assert match.fragment or match.closed
    near(catalog, text, "en", today=TODAY)


# --- shops of other names ------------------------------------------------------------------------


@pytest.fixture
def other_shop(db: None) -> Account:
    return create_account(slug="other", time_zone="Europe/Stockholm")


@pytest.mark.parametrize("metric", ["Order Completed", "Beställning lagd", "Złożono zamówienie"])
@pytest.mark.parametrize("words", ["bought", "köpt", "zamówienie", "placed order"])
def test_a_shop_may_call_its_orders_otherwise(other_shop: Account, metric: str, words: str) -> None:
    catalog = done(other_shop, metric)
    assert in_short(first(catalog, words).fragment, catalog) == f"event {metric}"
    assert in_short(first(catalog, "spent").fragment, catalog) == f"sum {metric}"


def test_without_any_events_standard_metrics_cannot_be_chosen(other_shop: Account) -> None:
    match = first(Catalog(other_shop), "bought")
    assert (match.words, match.closed, match.fragment) == ("Placed Order", "no events yet", {})


def test_bought_is_what_people_did_and_no_segment_of_that_name(other_shop: Account) -> None:
    catalog = done(other_shop, "Placed Order")
    (metric,) = catalog.metrics

    condition = {
        "type": "profile-metric",
        "metric_id": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": "greater-than", "value": 3},
        "timeframe_filter": {"type": "date", "operator": "alltime"},
    }
    save_segment(account=other_shop, user=None, name="Bought", definition=either(condition), at=AT)
    catalog = Catalog(other_shop)
    matches = find(catalog, "bought", today=TODAY)
    assert in_short(matches[0].fragment, catalog) == "event Placed Order"
    assert "group Bought" in [in_short(match.fragment, catalog) for match in matches]


def test_properties_of_other_names_are_found_by_what_they_mean(other_shop: Account) -> None:
    person = {"email": "anna@example.com", "properties": {"Kön": "kvinna", "Ulubiony kolor": "x"}}
    assert not ingest_profiles(account=other_shop, records=[person], at=AT).rejected
    catalog = Catalog(other_shop)
    assert in_short(first(catalog, "gender").fragment, catalog) == "property Kön"
    assert in_short(first(catalog, "favorite color").fragment, catalog) == "property Ulubiony kolor"


def test_nothing_of_another_account_is_found(other_shop: Account, account: Account) -> None:
    done(other_shop, "Placed Order", Name="Secret boots")
    catalog = Catalog(account)
    for words in ("secret boots", "secret", "bought"):
        assert not any(match.fragment for match in find(catalog, words, today=TODAY)[:1])


def test_mistyped_places_and_values_beside_a_property_are_understood(other_shop: Account) -> None:
    person = {
        "email": "anna@example.com",
        "location": {"city": "Boston", "region": "Massachusetts", "country": "United States"},
        "properties": {"Favourite colour": "blue", "Age group": "25-34"},
    }
    assert not ingest_profiles(account=other_shop, records=[person], at=AT).rejected
    catalog = Catalog(other_shop)
    assert in_short(first(catalog, "bostn").fragment, catalog) == "near Boston"
    assert in_short(first(catalog, "swedn").fragment, catalog) == "country Sweden"
    colour = first(catalog, "colour blue").fragment
    assert colour["filter"] == {"type": "string", "operator": "equals", "value": "blue"}
    assert first(catalog, "age 25-34").fragment["filter"]["value"] == "25-34"
    assert first(catalog, "not massachusetts").fragment["filter"]["operator"] == "not-equals"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "outside Sweden"),
        ("en", "not from Sweden"),
        ("sv", "utanför Sverige"),
        ("pl", "poza Szwecją"),
        ("pl", "spoza Szwecji"),
    ],
)
def test_outside_a_country_is_not_in_it(language: str, words: str, account: Account) -> None:
    test = first(Catalog(account), words, language).fragment["filter"]
    assert test == {"type": "string", "operator": "not-equals", "value": "Sweden"}


@pytest.mark.parametrize(
    ("words", "operator"),
    [
        ("outside 50 km of Boston", "greater-than"),
        ("not within 50 km of Boston", "greater-than"),
        ("more than 50 km outside Boston", "greater-than"),
        ("utanför 50 km från Boston", "greater-than"),
        ("poza 50 km od Boston", "greater-than"),
        ("within 50 km of Boston", "less-than"),
    ],
)
def test_outside_a_distance_is_farther_away(words: str, operator: str, account: Account) -> None:
    fragment = first(Catalog(account), words).fragment
    assert fragment["filter"] == {"type": "numeric", "operator": operator, "value": 50}


@pytest.mark.parametrize("words", ["outside the eu", "utanför eu", "poza ue"])
def test_outside_a_region_of_the_world_is_not_in_it(words: str, account: Account) -> None:
    assert first(Catalog(account), words).fragment["in_region"] is False


@pytest.mark.parametrize(
    ("words", "measurement", "operator", "value"),
    [
        ("haven't spent more than 500", "sum", "less-than-or-equal", 500),
        ("not ordered at least 3 times", "count", "less-than", 3),
        ("not ordered 2 times", "count", "not-equals", 2),
        ("inte köpt minst 3 gånger", "count", "less-than", 3),
        ("nie kupił co najmniej 3 razy", "count", "less-than", 3),
        ("not ordered", "count", "equals", 0),
    ],
)
def test_not_so_many_is_the_opposite_number_and_not_never(
    words: str, measurement: str, operator: str, value: int, other_shop: Account
) -> None:
    fragment = first(done(other_shop, "Placed Order"), words).fragment
    assert fragment["measurement"] == measurement
    assert fragment["measurement_filter"] == {
        "type": "numeric",
        "operator": operator,
        "value": value,
    }


def test_a_property_that_is_not_of_yesterday_is_left_open(other_shop: Account) -> None:
    catalog = done(other_shop, "Placed Order")
    assert first(catalog, "created yesterday").fragment["filter"]["operator"] == "between"
    assert first(catalog, "not created yesterday").fragment == {
        "type": "profile-property",
        "property": "created",
    }


def test_a_birthday_today_is_an_anniversary() -> None:
    birthday = {"type": "date", "operator": "anniversary-next", "quantity": 7, "unit": "day"}
    fragment = {"type": "profile-property", "property": "x", "filter": birthday}
    changed, _uses = modify(fragment, parse("birthday today"))
    assert changed["filter"] == {"type": "date", "operator": "anniversary"}


@pytest.mark.parametrize(
    ("words", "value"),
    [("churn risk over 0.75", 0.75), ("churn risk over 75", 0.75), ("churn risk over 75%", 0.75)],
)
def test_a_probability_is_a_share_or_a_percentage(words: str, value: float) -> None:
    match = find(_EmptyCatalog(), words, "en", today=TODAY)[0]
    assert match.fragment["filter"]["value"] == value


@pytest.mark.parametrize(
    "words",
    ["opened every email", "opened all e-mails", "öppnat alla mejl", "otworzył każdy e-mail"],
)
def test_opening_every_email_is_a_ratio_of_exactly_one(words: str, other_shop: Account) -> None:
    fragment = first(done(other_shop, "Opened Email", "Received Email"), words).fragment
    assert fragment["type"] == "profile-metric-ratio"
    assert fragment["filter"] == {"type": "numeric", "operator": "equals", "value": 1}
    assert fragment["timeframe_filter"]["unit"] == "month"


@pytest.mark.parametrize(
    "words",
    ["never opened", "never clicked", "aldrig öppnat", "aldrig klickat", "nigdy nie kliknął"],
)
def test_never_is_over_all_time(words: str, other_shop: Account) -> None:
    fragment = first(done(other_shop, "Opened Email", "Clicked Email"), words).fragment
    assert fragment["timeframe_filter"] == {"type": "date", "operator": "alltime"}
    assert fragment["measurement_filter"]["value"] == 0


def test_ready_to_review_is_no_review(other_shop: Account) -> None:
    shop = ShopNames(done(other_shop, "Ready to review"), TODAY)
    assert shop.metric("Submitted Review") is None
