"""Identifiers, placeholders that are none, and the normal form of an address."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.ingest.identifiers import is_placeholder, plain_address
from profiles.ingest.parse import read_profile
from profiles.models import IDENTIFIERS
from segmenter.kernel.errors import Invalid

PLACEHOLDERS = [
    *("", " ", "0", "-", "null", "undefined", "none", "nil", "nan", "n/a", "na", "guest", "false"),
    *("unknown", "anonymous", "000000", "00000000-0000-0000-0000-000000000000", "0.0", "--"),
    *("NULL", " Guest ", "N/A", "(null)", "<none>", "#N/A", "\u200bnull", "\u00a0", "ｎｕｌｌ"),
    *("—", "–", "N.A.", "null.", "not set", "(not_set)", "?", "Gäst", "Gość"),
    *(0, 0.0, False, float("nan")),
]


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_no_identifier(value: Any) -> None:
    assert is_placeholder(value)
    for name in IDENTIFIERS:
        other = "external_id" if name != "external_id" else "email"
        record = {name: value, other: "a@x.se"}
        assert read_profile(record).identifiers == {other: "a@x.se"}


@pytest.mark.parametrize(
    "value", ["1", "00001", "0a", "0na", "nullum", "guests", "-1", "A-0", "-a", "a.b", 7, "n", "f"]
)
def test_what_only_looks_like_one_is_an_identifier(value: Any) -> None:
    assert read_profile({"external_id": value}).identifiers == {"external_id": str(value)}


def test_a_record_of_placeholders_alone_is_refused_by_their_names() -> None:
    with pytest.raises(Invalid) as error:
        read_profile({"external_id": "0", "email": "Guest", "anonymous_id": ""})
    (problem,) = error.value.problems
    assert (problem.pointer, problem.code) == ("", "no_identifier")
    assert "'0' in external_id and 'Guest' in email are placeholders" in problem.message


@pytest.mark.parametrize(
    "address",
    [
        *("zoë@x.se", "ZOË@X.SE", " zoë@x.se\n", "zoe\u0308@x.se", "\ufeffzoë@x.se"),
        *("zoë\u200b@x.se", "zo\u00adë@x.se", "\u202azoë@x.se\u202c", "\u2066zoë@x.se\u2069"),
        *("ｚｏë＠ｘ．ｓｅ", "mailto:zoë@x.se", "MailTo:Zoë@x.se?subject=Hi", "Zoë Ek <zoë@x.se>"),
        *('"Ek, Zoë" <Zoë@x.se>', "<zoë@x.se>", "<mailto:zoë@x.se>", "zoë@x.se\u2028"),
    ],
)
def test_an_address_has_one_form_however_it_is_written(address: str) -> None:
    assert read_profile({"email": address}).identifiers == {"email": "zoë@x.se"}


@given(st.text(max_size=30) | st.emails())
def test_the_form_of_an_address_is_its_own_form(text: str) -> None:
    once = plain_address(text)
    if once.count("<") + once.count(":") == 0:
        assert plain_address(once) == once
