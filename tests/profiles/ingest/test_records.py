"""Records as they come in: brought into one form, or refused at the place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.ingest.checks import dump, json_type
from profiles.ingest.parse import FILE_TIMES, api_times, read_event, read_profile
from segmenter.kernel.errors import Invalid

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TIMES = api_times(NOON)


def event(**fields: Any) -> dict[str, Any]:
    return {"metric": "Visited", "time": NOON.isoformat(), "profile": {"external_id": "1"}} | fields


def place(error: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    (problem,) = error.value.problems
    return problem.pointer, problem.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-10T12:00:00Z", NOON),
        ("2026-03-10T13:00:00+01:00", NOON),
        (" 2026-03-10 13:00 ", NOON),
        ("2026-03-10", datetime(2026, 3, 9, 23, tzinfo=UTC)),
        (NOON.timestamp(), NOON),
        (int(NOON.timestamp()), NOON),
        (NOON, NOON),
    ],
)
def test_a_time_without_a_zone_is_in_the_one_given(text: Any, expected: datetime) -> None:
    assert read_event(event(time=text), TIMES, ZoneInfo("Europe/Stockholm")).time == expected


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 10**30, -1e300, "10/3/2026"]
)
def test_a_time_that_cannot_be_is_refused(time: Any) -> None:
    with pytest.raises(Invalid) as error:
        read_event(event(time=time), FILE_TIMES)
    assert place(error)[0] == "/time"


def test_files_may_be_older_than_what_the_api_takes() -> None:
    old = event(time="1997-01-01")
    assert read_event(old, FILE_TIMES).time.year == 1997
    with pytest.raises(Invalid) as error:
        read_event(old, TIMES)
    assert place(error) == ("/time", "out_of_range")


def test_numbers_may_stand_for_identifiers() -> None:
    event_read = read_event(
        event(unique_id=7, profile={"external_id": 12, "anonymous_id": 3}), TIMES
    )
    assert event_read.unique_id == "7"
    assert event_read.profile.identifiers == {"external_id": "12", "anonymous_id": "3"}


@pytest.mark.parametrize("value", [True, ["1"], {"a": 1}, 1.5])
def test_nothing_else_may(value: Any) -> None:
    with pytest.raises(Invalid) as error:
        read_profile({"external_id": value})
    assert place(error) == ("/external_id", "invalid")


@pytest.mark.parametrize(
    "email", ["a", "@x.se", "a@", "a b@x.se", "a@x@y.se", "A <a>", "a,b@x.se", "a@x.se;b@x.se"]
)
def test_what_is_no_email_is_refused(email: str) -> None:
    with pytest.raises(Invalid) as error:
        read_profile({"email": email})
    assert place(error) == ("/email", "invalid")


def test_an_empty_identifier_says_nothing_and_null_clears() -> None:
    assert read_profile({"external_id": "1", "email": ""}).identifiers == {"external_id": "1"}
    assert read_profile({"external_id": "1", "email": None}).identifiers["email"] is None
    with pytest.raises(Invalid) as error:
        read_profile({"email": "", "external_id": None})
    assert place(error) == ("", "no_identifier")


def test_half_a_character_in_a_name_is_told_of_in_whole_ones() -> None:
    with pytest.raises(Invalid) as error:
        read_profile({"external_id": "1", "properties": {"a\ud800": 1}})
    pointer, code = place(error)
    assert code == "invalid"
    assert pointer.encode() == b"/properties/a\\ud800"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["id", "email", "phone_number", "external_id", "first_name", "location", "properties"]
FIELDS += ["patch_properties", "subscriptions", "lists", "created"]
SUBSCRIPTIONS = st.dictionaries(
    st.sampled_from(["email", "sms", "whatsapp"]),
    st.dictionaries(
        st.sampled_from(["marketing", "transactional"]),
        st.dictionaries(
            st.sampled_from(["consent", "consent_timestamp", "method", "suppression"]), JSON
        ),
    ),
)


@given(
    record=JSON | st.dictionaries(st.sampled_from(FIELDS), JSON),
    subscriptions=SUBSCRIPTIONS,
)
def test_any_json_is_read_or_refused(record: Any, subscriptions: Any) -> None:
    record_with_subscriptions = (
        {"subscriptions": subscriptions, **record} if isinstance(record, dict) else record
    )
    for reader in (read_profile, lambda r: read_event(event(profile=r, properties=r), TIMES)):
        try:
            reader(record_with_subscriptions)
        except Invalid as error:
            for problem in error.problems:
                assert problem.message
                assert (problem.pointer + problem.message).encode()


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("red", "text"),
        ("2026-03-10", "date"),
        ("2026-03-10T12:00:00Z", "date"),
        ("2026-13-10", "text"),
        (True, "boolean"),
        (1, "number"),
        (1.5, "number"),
        ([], "list"),
        ({}, "object"),
    ],
)
def test_the_types_of_json(value: Any, type_: str) -> None:
    assert json_type(value) == type_


def test_json_is_written_short_and_in_its_own_letters() -> None:
    assert dump({"färg": ["röd", 1, None]}) == '{"färg":["röd",1,null]}'
