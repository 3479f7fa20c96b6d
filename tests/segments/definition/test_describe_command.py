"""`manage.py describe_segment`: the sentence of a definition in a file."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from profiles.models import List, Metric
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from tests.builders.definitions import both
from tests.segments.definition.sentences import AT_LEAST_ONCE, all_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Account:
    account = create_account(slug="shop")
    Metric.objects.create(account=account, key="Ordr12", name="Placed Order", created=now())
    at = now()
    List.objects.create(account=account, key="News12", name="Newsletter", created=at, updated=at)
    return account


def ordered(**metric: str) -> dict[str, Any]:
    return {
        "type": "profile-metric",
        "measurement": "count",
        "measurement_filter": AT_LEAST_ONCE,
        "timeframe_filter": all_time(),
        **metric,
    }


READER = {"type": "profile-group-membership", "is_member": True}


def description(file: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("describe_segment", str(file), "--account", "shop", *arguments, stdout=out)
    return out.getvalue()


def definition_file(folder: Path, text: str) -> Path:
    file = folder / "segment.json"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "conditions",
    [
        (ordered(metric_id="Ordr12"), {**READER, "group_ids": ["News12"]}),
        (ordered(metric="Placed Order"), {**READER, "groups": ["Newsletter"]}),
    ],
)
def test_keys_and_names_read_the_same(
    shop: Account, tmp_path: Path, conditions: tuple[dict[str, Any], ...]
) -> None:
    file = definition_file(tmp_path, json.dumps(both(*conditions)))
    assert description(file) == (
        "People who have done Placed Order at least once over all time, and are in Newsletter.\n"
    )


def test_in_swedish(shop: Account, tmp_path: Path) -> None:
    file = definition_file(tmp_path, json.dumps(both(ordered(metric="Placed Order"))))
    assert description(file, "--language", "sv") == (
        "Personer som har gjort Placed Order minst en gång under hela historiken.\n"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "this is not JSON"),
        ("[]", "condition_groups"),
        (
            json.dumps(both(ordered(metric="Lost"))),
            "/condition_groups/0/conditions/0/metric: There is no metric “Lost”",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    shop: Account, tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(CommandError, match=problem):
        description(definition_file(tmp_path, text))


def test_an_unknown_account_or_file_is_told(shop: Account, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        description(tmp_path / "missing.json")
    with pytest.raises(CommandError, match="There is no account 'other'"):
        call_command("describe_segment", "x.json", "--account", "other")
