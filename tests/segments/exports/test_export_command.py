"""`manage.py export_segment`: which segment, which columns, and what it says."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.member_files.column import Shop
from segments.member_files.request import CLV_COLUMNS
from segments.member_files.sets import save_set
from segments.models import Segment
from tests.segments.member_files.shop import PEOPLE, add_segment, export, let_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = add_segment(account)
    let_in(segment, PEOPLE)
    return segment


def test_it_says_what_is_in_the_file(segment: Segment, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    said = export(segment.key, out, "--columns", "email,first_name")
    instant = datetime.fromisoformat(said.pop("as_of"))
    assert abs((now() - instant).total_seconds()) < 60
    assert said.pop("forecast")["without"] == 3
    assert said == {
        "segment": "Readers",
        "id": segment.key,
        "file": str(out),
        "rows": 3,
        "bytes": out.stat().st_size,
        "columns": ["email", "first_name"],
        "format": "csv",
        "reachable": {"members": 3, "email": 1, "sms": 0, "push": 0, "any": 1},
    }


def test_who_cannot_be_reached_can_be_left_out(segment: Segment, tmp_path: Path) -> None:
    options = ("--columns", "email", "--reachable")
    assert export("Readers", tmp_path / "a.csv", *options, "email")["rows"] == 1
    assert (tmp_path / "a.csv").read_text() == "email\nanna@example.com\n"
    assert export("Readers", tmp_path / "a.csv", *options, "sms")["rows"] == 0
    assert export("Readers", tmp_path / "a.csv", *options, "any")["rows"] == 1


def test_the_set_for_lifetime_value_takes_the_medium_besides(
    segment: Segment, tmp_path: Path
) -> None:
    said = export("Readers", tmp_path / "a.csv", "--set", "clv")
    assert said["columns"] == [*CLV_COLUMNS, "Initial UTM Medium"]


def test_a_saved_set_is_asked_for_by_its_name(segment: Segment, tmp_path: Path) -> None:
    save_set(Shop(segment.account, now()), "Post", ["city", "email"], user=None, at=now())
    assert export("Readers", tmp_path / "a.csv", "--set", "Post")["columns"] == ["city", "email"]
    with pytest.raises(CommandError, match=r"There is no set .Nope.*usual.*clv.*Post"):
        export("Readers", tmp_path / "b.csv", "--set", "Nope")


def test_without_columns_there_are_the_usual_ones(segment: Segment, tmp_path: Path) -> None:
    assert export("Readers", tmp_path / "a.csv")["columns"][:3] == ["id", "external_id", "email"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet", "xlsx", "csv"])
def test_the_format_follows_from_the_ending(segment: Segment, tmp_path: Path, ending: str) -> None:
    assert export("Readers", tmp_path / f"a.{ending}")["format"] == ending
    assert export("Readers", tmp_path / "a.txt")["format"] == "csv"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("email,frist_name", r"frist_name.*Did you mean.*first_name"),
        ("nope,count:Nothing:30d", r"“nope”[\s\S]*“count:Nothing:30d”"),
        ("count:Placed Order:30x", "count:Placed Order:30x"),
        ("count:Placed Order:0d", "count:Placed Order:0d"),
        ("consent.fax", "consent.fax"),
        ("list.Nobody", "list.Nobody"),
        (" , ", "at least one column"),
    ],
)
def test_unknown_columns_are_named(
    segment: Segment, tmp_path: Path, columns: str, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        export("Readers", tmp_path / "a.csv", "--columns", columns)
    assert list(tmp_path.iterdir()) == []


def test_names_with_commas_stand_in_quotes(account: Account, tmp_path: Path) -> None:
    let_in(add_segment(account), [{"external_id": "1", "properties": {"Size, in cm": 5}}])
    export("Readers", tmp_path / "a.csv", "--columns", 'external_id,"Size, in cm"')
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    assert rows == [["external_id", "Size, in cm"], ["1", "5"]]


def test_names_may_hold_whatever_a_shop_puts_into_them(account: Account, tmp_path: Path) -> None:
    names = ["100%", "%s {x}", 'say "hi"', "it's", "a;b", "=1+1", "c0", "Åäö", "x" * 255, "a\\b"]
    let_in(
        add_segment(account),
        [{"external_id": "1", "properties": dict.fromkeys(names, 5), "lists": [{"name": "50%"}]}],
    )
    metric = "Sold: 30d"
    event = {
        "metric": metric,
        "value": 3,
        "profile": {"external_id": "1"},
        "unique_id": "u",
        "time": now().isoformat(),
    }
    assert not ingest_events(account=account, records=[event], at=now()).rejected
    asked = [*names, "list.50%", f"count:{metric}", f"count:{metric}:1d", f"sum(a:b):{metric}:2w"]
    text = ",".join('"' + name.replace('"', '""') + '"' for name in asked)
    for kind in ("csv", "jsonl", "parquet", "xlsx"):
        out = tmp_path / f"a.{kind}"
        assert export("Readers", out, "--columns", text)["columns"] == asked
    row = json.loads((tmp_path / "a.jsonl").read_text())
    assert list(row) == asked
    assert [row[name] for name in names] == [5] * len(names)
    assert [row[name] for name in asked[-4:]] == [True, 1, 1, 0]


def test_a_property_that_is_called_like_a_field_is_asked_for_with_its_prefix(
    account: Account, tmp_path: Path
) -> None:
    let_in(add_segment(account), [{"email": "a@example.com", "properties": {"email": "other"}}])
    export("Readers", tmp_path / "a.jsonl", "--columns", "email,properties.email")
    row = json.loads((tmp_path / "a.jsonl").read_text())
    assert row == {"email": "a@example.com", "properties.email": "other"}


def test_what_cannot_be_done_is_said_and_leaves_no_file(segment: Segment, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"The segment 'Nobody' was not found"):
        export("Nobody", tmp_path / "a.csv")
    with pytest.raises(CommandError, match="no account 'nowhere'"):
        call_command("export_segment", "Readers", "--account", "nowhere", "--out", "x.csv")
    with pytest.raises(CommandError, match="No such file or directory"):
        export("Readers", tmp_path / "missing" / "a.csv")
    Segment.objects.update(as_of=None)
    with pytest.raises(CommandError, match="has not been built yet"):
        export("Readers", tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_people_of_other_accounts_stay_out(
    segment: Segment, other_account: Account, tmp_path: Path
) -> None:
    theirs = add_segment(other_account, "Theirs")
    let_in(theirs, [{"email": "eve@example.com"}])
    with pytest.raises(CommandError, match="was not found"):
        export(theirs.key, tmp_path / "a.csv")
    assert "eve" not in (export("Readers", tmp_path / "a.csv"), (tmp_path / "a.csv").read_text())[1]
