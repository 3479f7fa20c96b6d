"""manage.py export_audience: files, the object it prints, and what it refuses."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from segmenter.accounts.models import Account
from segments.models import AudienceFile, AudienceFileLine, AudienceFileState, Segment
from tests.segments.audiences.shop import leave, let_in, new_segment, sha

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "Loyal, now quiet")


def export(out: Path, *options: str, segment: str = "Loyal, now quiet") -> dict[str, Any]:
    printed = StringIO()
    arguments = ("--account", "shop", "--out", str(out), *options)
    call_command("export_audience", segment, *arguments, stdout=printed)
    report: dict[str, Any] = json.loads(printed.getvalue().splitlines()[-1])
    return report


def table(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_the_file_and_prints_what_is_in_it(segment: Segment, tmp_path: Path) -> None:
    let_in(segment, {"email": "anna@example.com"}, {"email": "never@x.se", "subscriptions": {}})
    out = tmp_path / "meta.csv"
    report = export(out, "--for", "meta")
    assert [row["email"] for row in table(out)] == [sha("anna@example.com")]
    assert list(table(out)[0]) == report["columns"]
    assert report["rows"] == 1
    assert report["left_out"] == {"no_consent": 1}
    assert report["minimum"] == 100
    assert "at least 100" in report["warning"]
    assert out.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["meta.csv"]
    file = AudienceFile.objects.get()
    assert (file.state, file.user, file.rows) == (AudienceFileState.EXPIRED, None, 1)
    assert AudienceFileLine.objects.count() == 0


def test_the_whole_life_of_an_audience(segment: Segment, tmp_path: Path) -> None:
    anna = let_in(segment, {"email": "anna@example.com"})[0]
    assert export(tmp_path / "1.csv", "--for", "tiktok", segment=segment.key)["rows"] == 1
    let_in(segment, {"email": "bo@example.com"})
    leave(segment, anna)
    added = export(tmp_path / "2.csv", "--for", "tiktok", "--additions")
    removals = export(tmp_path / "3.csv", "--for", "tiktok", "--removals")
    assert (added["rows"], removals["rows"]) == (1, 1)
    assert added["warning"] is None
    assert table(tmp_path / "2.csv")[0]["Email_SHA256"] == sha("bo@example.com")
    assert table(tmp_path / "3.csv")[0]["Email_SHA256"] == sha("anna@example.com")
    assert removals["columns"] == ["Email_SHA256", "Phone_SHA256"]


def test_the_rest_is_included_on_purpose_only(segment: Segment, tmp_path: Path) -> None:
    let_in(segment, {"email": "never@example.com", "subscriptions": {}})
    out = tmp_path / "google.csv"
    assert export(out, "--for", "google")["rows"] == 0
    assert export(out, "--for", "google", "--include-never-subscribed")["rows"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--for", "meta", "--additions"), "no file of everyone yet"),
        (("--for", "meta", "--removals"), "no file of everyone yet"),
        (("--for", "meta", "--removals", "--include-never-subscribed"), "go by those"),
        (("--for", "myspace"), "invalid choice"),
        (("--for", "meta", "--removals", "--additions"), "not allowed with"),
        (("--for", "meta", "--account", "elsewhere"), "no account 'elsewhere'"),
        (("--for", "meta", "--out", "/nowhere/at/all.csv"), "No such file"),
        (("--for", "meta", "--out", "/"), "/: "),
    ],
)
def test_it_says_what_is_wrong(
    options: tuple[str, ...], message: str, segment: Segment, tmp_path: Path
) -> None:
    with pytest.raises((CommandError, SystemExit), match=message):
        export(tmp_path / "out.csv", *options)
    assert AudienceFile.objects.count() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_segment_of_another_account_is_not_there(
    other_account: Account, account: Account
) -> None:
    new_segment(other_account, "Theirs")
    with pytest.raises(CommandError, match="was not found"):
        export(Path("/tmp/never.csv"), "--for", "meta", segment="Theirs")
