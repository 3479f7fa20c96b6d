"""What the boxes of the builder suggest while somebody types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from profiles.models import List, Metric
from segmenter.accounts.models import Account, User
from tests.builders.definitions import either
from tests.fixtures.cast import SignIn
from tests.segments.builder.view_requests import HAS_EMAIL, MEMBER, ask, client

__all__ = ["client"]

pytestmark = pytest.mark.django_db


# --- suggestions ---------------------------------------------------------------------------------


def suggested(client: Client, **about: str) -> list[tuple[str, Any, str]]:
    """(words, value, note) of what is suggested."""
    response = client.get("/segments/builder/suggest", about)
    assert response.status_code == 200
    return [(s.words, json.loads(s.value), s.note) for s in response.context["suggestions"]]


def test_new_conditions_are_found_by_typing(client: Client, account: Account) -> None:
    first = suggested(client, what="condition")
    assert first[0][0] == "What someone has done (or not done)"
    assert all(value["type"] for _words, value, _note in first)
    orders = suggested(client, what="condition", q="placed")
    assert (orders[0][0], orders[0][2]) == ("Placed Order", "1 person")
    assert orders[0][1]["metric_id"] == Metric.objects.get().key
    country = suggested(client, what="condition", q="COUNTRY")[0][1]
    assert country["property"] == "location['country']"
    suggestions = suggested(client, what="condition", q="newsletter")
    assert suggestions[0][1]["group_ids"] == [List.objects.get().key]
    assert suggested(client, what="condition", q="churn")[0][1]["filter"]["type"] == "numeric"


def test_the_word_is_shown_by_which_something_of_another_name_was_found(client: Client) -> None:
    for words, first, why in (("bougth", "Placed Order", "bought"), ("placed", "Placed Order", "")):
        response = client.get("/segments/builder/suggest", {"what": "condition", "q": words})
        suggestion = response.context["suggestions"][0]
        assert (suggestion.words, suggestion.why) == (first, why)
        assert ("<mark>Placed</mark>" in response.content.decode()) == (words == "placed")


def test_what_has_no_events_yet_cannot_be_chosen(client: Client) -> None:
    response = client.get("/segments/builder/suggest", {"what": "condition", "q": "clicked"})
    (suggestion, *_others) = response.context["suggestions"]
    assert (suggestion.words, suggestion.note) == ("Clicked Email", "no events yet")
    assert 'aria-disabled="true"' in response.content.decode()


def test_words_that_mean_nothing_lead_to_all_kinds(client: Client) -> None:
    response = client.get("/segments/builder/suggest", {"what": "condition", "q": "qwxzqwx"})
    suggestions = response.context["suggestions"]
    assert {each.group for each in suggestions} == {"Nothing called “qwxzqwx”. Try:"}
    assert [s.words for s in suggestions] == [w for w, *_ in suggested(client, what="condition")]


def test_what_was_chosen_last_comes_first(client: Client) -> None:
    value = json.dumps(HAS_EMAIL)
    ask(client, "change", either({}), do="put", at=f"{MEMBER}0", value=value, words="e-mail")
    response = client.get("/segments/builder/suggest", {"what": "condition"})
    (recent,) = response.context["recent"]
    assert recent.words == "email is set"
    assert json.loads(recent.value) == HAS_EMAIL


def test_what_was_chosen_last_is_said_in_the_language_of_the_page(client: Client) -> None:
    value = json.dumps(HAS_EMAIL)
    ask(client, "change", either({}), do="put", at=f"{MEMBER}0", value=value, words="e-mail")
    swedish = {"accept-language": "sv"}
    response = client.get("/segments/builder/suggest", {"what": "condition"}, headers=swedish)
    assert [each.words for each in response.context["recent"]] == ["e-post har ett värde"]


def test_values_come_with_how_many_have_them(client: Client) -> None:
    value = {"what": "value", "of": "profile"}
    assert suggested(client, **value, property="location['country']") == [
        ("Sweden", "Sweden", "1 person")
    ]
    assert suggested(client, **value, property="location['country']", q="SWE")
    assert suggested(client, **value, property="location['country']", q="no") == []
    assert suggested(client, **value, property="properties['Points']") == [
        ("12.5", 12.5, "1 person")
    ]
    assert {w for w, _v, _n in suggested(client, **value, property="properties['Sizes']")} == {
        "S",
        "M",
    }
    assert suggested(client, **value, property="nothing") == []
    key = Metric.objects.get().key
    items = suggested(client, what="value", of="event", metric=key, property="Items")
    assert ("Tea", "Tea", "2 events") in items
    assert suggested(client, what="value", of="event", metric="none", property="Items") == []


def test_another_property_takes_the_filter_of_the_one_before_away(client: Client) -> None:
    about = {"what": "property", "of": "profile", "field": "property", "filter": "1"}
    points = suggested(client, **about, q="points")[0]
    assert points[1] == {"property": "properties['Points']", "filter": None}
    assert points[2] == "number"
    new = suggested(client, **about, q="Shoe 'size'")
    assert new[0][1]["property"] == r"properties['Shoe \'size\'']"
    event = {"what": "property", "of": "event", "metric": Metric.objects.get().key, "field": "x"}
    assert [w for w, _v, _n in suggested(client, **event)][:1] == ["value"]
    assert {"x": "Discount"} in [v for _w, v, _n in suggested(client, **event)]


def test_metrics_groups_places_and_countries(client: Client) -> None:
    key = Metric.objects.get().key
    assert suggested(client, what="metric", field="metric_id") == [
        ("Placed Order", {"metric_id": key}, "")
    ]
    assert suggested(client, what="group") == [("Newsletter", List.objects.get().key, "1 person")]
    words, point, _note = suggested(client, what="place", q="falun")[0]
    assert words == "Falun"
    assert point["label"] == "Falun, Sweden"
    assert 60 < point["latitude"] < 61
    assert suggested(client, what="country", q="sverige", field="country_code")[0][1] == {
        "country_code": "SWE"
    }
    assert ("Poland", "PL", "PL") in suggested(client, what="calling-country", q="pol")
    assert suggested(client, what="nonsense") == []


def test_suggestions_end_at_the_account(
    client: Client, stranger: User, sign_in: SignIn, account: Account
) -> None:
    theirs = sign_in(stranger)
    key = Metric.objects.get(account=account).key
    for what in ("metric", "group"):
        assert suggested(theirs, what=what) == []
    assert suggested(theirs, what="value", of="profile", property="email") == []
    assert suggested(theirs, what="value", of="event", metric=key, property="Items") == []
    for words in ("placed", "newsletter", "points"):
        suggestions = suggested(theirs, what="condition", q=words)
        assert suggestions
        keys = {key, List.objects.get(account=account).key, "Points"}
        assert not any(each in json.dumps(suggestions) for each in keys)
