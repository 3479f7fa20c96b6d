"""Invalid records of a batch are refused at their place; the others are stored."""

from __future__ import annotations

from typing import Any

import pytest

from profiles.models import Event, Metric, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import TooLarge
from tests.profiles.ingest.batches import counts, events, order, people

pytestmark = pytest.mark.django_db


# --- invalid records and the rest of their batch ---


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"properties": {"note": "x" * 10_000_000}}, "/properties/note", "too_long"),
        ({"properties": {f"n{i}": "x" * 90_000 for i in range(2)}}, "/properties/n1", "too_large"),
        ({"properties": {"a/b~c": "\0"}}, "/properties/a~1b~0c", "invalid"),
        ({"properties": {"note": "\ud800"}}, "/properties/note", "invalid"),
        ({"properties": {"note": {"deep": "a\0b"}}}, "/properties/note/deep", "invalid"),
        ({"properties": {"note": float("nan")}}, "/properties/note", "out_of_range"),
        ({"properties": {"note": [1.5, float("inf")]}}, "/properties/note/1", "out_of_range"),
        ({"properties": {"note": 2**63}}, "/properties/note", "out_of_range"),
        ({"properties": {"note": -(2**63) - 1}}, "/properties/note", "out_of_range"),
        ({"properties": {"x" * 256: 1}}, "/properties", "invalid"),
        ({"properties": {"": 1}}, "/properties", "invalid"),
        ({"properties": [1]}, "/properties", "invalid"),
        ({"value": float("nan")}, "/value", "out_of_range"),
        ({"value": float("-inf")}, "/value", "out_of_range"),
        ({"value": 2**63}, "/value", "out_of_range"),
        ({"value": True}, "/value", "invalid"),
        ({"value": "12"}, "/value", "invalid"),
        ({"time": "1600-01-01T00:00:00Z"}, "/time", "out_of_range"),
        ({"time": "9000-01-01T00:00:00Z"}, "/time", "out_of_range"),
        ({"time": "yesterday"}, "/time", "invalid"),
        ({"time": 1e400}, "/time", "invalid"),
        ({"time": None}, "/time", "required"),
        ({"metric": " "}, "/metric", "required"),
        ({"metric": "m" * 201}, "/metric", "too_long"),
        ({"metric": "\0"}, "/metric", "invalid"),
        ({"unique_id": "u" * 256}, "/unique_id", "too_long"),
        ({"unique_id": "\udfff"}, "/unique_id", "invalid"),
        ({"profile": None}, "/profile", "no_identifier"),
        ({"profile": {}}, "/profile", "no_identifier"),
        ({"profile": {"first_name": "Ada"}}, "/profile", "no_identifier"),
        ({"profile": {"email": "ada"}}, "/profile/email", "invalid"),
        ({"profile": {"email": "a@x.se\0"}}, "/profile/email", "invalid"),
        ({"profile": {"phone_number": "12"}}, "/profile/phone_number", "invalid"),
        ({"profile": {"id": "999999999999"}}, "/profile/id", "not_found"),
        ({"profile": {"id": "x"}}, "/profile/id", "invalid"),
        ({"profile": "ada"}, "/profile", "invalid"),
    ],
)
def test_a_bad_event_is_refused_at_its_place_and_alone(
    shop: Account, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    outcome = events(shop, order("a", "1"), {**order("bad", "2"), **wrong}, order("c", "3"))

    assert [(r.index, r.problem.pointer, r.problem.code) for r in outcome.rejected] == [
        (1, pointer, code)
    ]
    assert (outcome.accepted, outcome.profile_ids[1]) == (2, None)
    assert set(Profile.objects.values_list("external_id", flat=True)) == {"a", "c"}


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"location": {"latitude": 90.1}}, "/location/latitude", "out_of_range"),
        ({"location": {"longitude": float("nan")}}, "/location/longitude", "out_of_range"),
        ({"location": {"timezone": "Europe/Falun"}}, "/location/timezone", "invalid"),
        ({"first_name": "x" * 1001}, "/first_name", "too_long"),
        ({"title": 5}, "/title", "invalid"),
        ({"created": "soon"}, "/created", "invalid"),
        ({"lists": [{"name": " "}]}, "/lists/0/name", "required"),
        ({"lists": "Newsletter"}, "/lists", "invalid"),
        (
            {"subscriptions": {"sms": {"marketing": {"consent": "MAYBE"}}}},
            "/subscriptions/sms/marketing/consent",
            "invalid",
        ),
        (
            {"subscriptions": {"email": {"marketing": {"suppression": 5}}}},
            "/subscriptions/email/marketing/suppression",
            "invalid",
        ),
    ],
)
def test_a_bad_person_is_refused_at_its_place_and_alone(
    shop: Account, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    outcome = people(shop, {"external_id": "a"}, {"external_id": "b", **wrong})
    assert [(r.index, r.problem.pointer, r.problem.code) for r in outcome.rejected] == [
        (1, pointer, code)
    ]
    assert list(Profile.objects.values_list("external_id", flat=True)) == ["a"]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_json_may_be_32_deep_and_no_deeper(shop: Account) -> None:
    good = {"external_id": "a", "properties": {"deep": nested(31)}}  # in the properties' object
    too_deep = {"external_id": "b", "properties": {"deep": nested(32)}}
    outcome = people(shop, good, too_deep)
    (rejection,) = outcome.rejected
    assert (rejection.index, rejection.problem.code) == (1, "too_deep")
    assert rejection.problem.pointer.startswith("/properties/deep/0/0")
    assert Profile.objects.get().properties == good["properties"]


def test_the_longest_that_fits_is_kept(shop: Account) -> None:
    note = "å\n\t\\\"'🎈\u2028" + "x" * 90_000
    event = order("a", "u" * 255, value=1e15, properties={"note": note, "n": 2**63 - 1})
    assert counts(events(shop, event)) == (1, 0, 0)
    row = Event.objects.get()
    assert row.properties == {"note": note, "n": 2**63 - 1}
    assert (row.unique_id, row.value) == ("u" * 255, 1e15)


def test_a_unique_id_is_kept_to_the_letter(shop: Account) -> None:
    ids = ["\\N", "\\.", "a\tb", "a\nb", "a\\tb", " x", "\u00c9", "E\u0301", "\\"]
    assert events(shop, *(order("a", id_) for id_ in ids)).accepted == len(ids)
    assert set(Event.objects.values_list("unique_id", flat=True)) == set(ids)


@pytest.mark.parametrize(
    "text", ["\\N", "\\.", "a\tb", "a\r\nb", "\\t", "\x1e\x7f", '"', "\u00a0É\u2028"]
)
def test_what_a_new_person_is_called_is_kept_to_the_letter(shop: Account, text: str) -> None:
    record = {"external_id": f"a{text}z", "title": text, "properties": {text: [text, {text: None}]}}
    person = {"external_id": f"b{text}z"}
    people(shop, record)
    events(shop, order("", "1", profile=person, properties={text: text}))
    first, second = Profile.objects.order_by("pk")
    assert (first.external_id, first.title) == (f"a{text}z", text)
    assert first.properties == record["properties"]
    assert second.external_id == f"b{text}z"
    assert Event.objects.get().properties == {text: text}


def test_a_batch_holds_10_000_records(shop: Account) -> None:
    with pytest.raises(TooLarge, match="10001"):
        events(shop, *[order("a", "1")] * 10_001)
    with pytest.raises(TooLarge):
        people(shop, *[{"external_id": "a"}] * 10_001)
    assert not Profile.objects.exists()
    assert counts(people(shop, *[{"external_id": "a"}] * 10_000)) == (10_000, 0, 0)


def test_nothing_of_a_refused_event_is_kept(shop: Account) -> None:
    assert counts(events(shop, order("a", "1", metric="Unheard", value="x"))) == (0, 0, 1)
    assert not Metric.objects.exists()
    assert not Profile.objects.exists()


def test_an_empty_batch_is_no_work(shop: Account) -> None:
    assert counts(events(shop)) == counts(people(shop)) == (0, 0, 0)
