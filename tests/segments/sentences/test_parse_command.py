"""`manage.py parse_segment`: a sentence as a definition."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from profiles.models import List, Metric
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.models import Segment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> Account:
    account = create_account(slug="shop")
    at = now()
    Metric.objects.create(account=account, key="Ordr12", name="Placed Order", created=at)
    for key, name in (("News12", "Newsletter"), ("Vip123", "VIP")):
        List.objects.create(account=account, key=key, name=name, created=at, updated=at)
    Segment.objects.create(
        account=account, key="Vip456", name="VIP", definition={}, created=at, updated=at
    )
    return account


def answer(text: str, *arguments: str) -> tuple[dict[str, Any], int, str]:
    """What the command prints, its exit code, and what it writes to stderr."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("parse_segment", text, "--account", "shop", *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return json.loads(out.getvalue()), code, err.getvalue()


def test_a_sentence_is_printed_as_its_definition() -> None:
    sentence = "People who have done Placed Order exactly once over all time."
    document, code, err = answer(sentence)
    assert (code, err) == (0, "")
    assert document["sentence"] == sentence
    assert document["language"] == "en"
    (group,) = document["definition"]["condition_groups"]
    assert group["conditions"][0]["metric_id"] == "Ordr12"


def test_a_sentence_of_another_language_is_understood() -> None:
    document, code, _err = answer("Personer som är med i Newsletter.", "--language", "en")
    assert code == 0
    assert document["language"] == "sv"
    assert document["sentence"] == "People who are in Newsletter."


def test_a_list_and_a_segment_with_one_name_are_told_apart() -> None:
    document, code, _err = answer("People who are in “VIP (Vip456)”.")
    assert code == 0
    (group,) = document["definition"]["condition_groups"]
    assert group["conditions"][0]["group_ids"] == ["Vip456"]


def test_what_is_not_understood_is_a_gap_and_the_exit_code_is_one() -> None:
    document, code, err = answer("  gibberish, quite  ")
    assert code == 1
    assert document["definition"] is None
    assert json.loads(err)["gaps"] == document["gaps"]
    assert "".join(gap["text"] for gap in document["gaps"])


def test_an_unknown_account_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("parse_segment", "People who are in VIP.", "--account", "nobody")
