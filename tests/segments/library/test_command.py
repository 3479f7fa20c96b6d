"""library_segment prints a ready-made segment, and says what is wrong at its parameter."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from segmenter.accounts.models import Account
from segments.library.ready_segment import ready_segments
from tests.segments.library.shop import filled

__all__ = ["filled"]

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("library_segment", *arguments, "--account", "shop", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


def test_a_segment_with_its_definition_sentence_parameters_and_size(filled: Account) -> None:
    (answer,) = run("big-spenders", "--set", "amount=120")
    assert answer["key"] == "big-spenders"
    assert answer["name"] == "Big spenders"
    assert "placed order" in answer["sentence"]
    assert "at least 120" in answer["sentence"]
    assert answer["parameters"] == [
        {"name": "amount", "type": "number", "label": "Spent at least", "value": 120}
    ]
    (condition,) = answer["definition"]["condition_groups"][0]["conditions"]
    assert condition["measurement_filter"]["value"] == 120
    assert answer["size"] == 2


def test_in_another_language(filled: Account) -> None:
    (answer,) = run("near-a-place", "--language", "sv")
    assert answer["sentence"].startswith("Personer")


def test_all_of_them_a_line_each(filled: Account) -> None:
    lines = run("--list")
    assert [line["key"] for line in lines] == sorted(ready_segments)
    bounces = next(line for line in lines if line["key"] == "chronic-soft-bounces")
    assert (bounces["definition"], bounces["size"]) == (None, None)
    assert bounces["missing"] == ["the metric “Bounced Email”"]


def test_an_unknown_key_is_answered_with_all_keys(filled: Account) -> None:
    message = refusal("no-such")
    assert "'no-such'" in message
    assert all(key in message for key in ready_segments)
    assert all(key in refusal() for key in ready_segments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("active-buyers", "--set", "months=many"), "--set months: A number is needed here."),
        (("active-buyers", "--set", "weeks=3"), "has no parameter 'weeks'. Parameters are: months"),
        (("inside-eu", "--set", "months=3"), "It has no parameters."),
        (("active-buyers", "--set", "months"), "write NAME=VALUE"),
        (("test-sample",), "has no definition"),
        (("chronic-soft-bounces",), "the metric “Bounced Email”"),
        (("active-buyers", "--list"), "Name a KEY, or --list"),
    ],
)
def test_what_is_wrong_is_said(filled: Account, arguments: tuple[str, ...], message: str) -> None:
    assert message in refusal(*arguments)


def test_an_unknown_account_is_said(db: None) -> None:
    assert refusal("inside-eu") == "There is no account 'shop'."
