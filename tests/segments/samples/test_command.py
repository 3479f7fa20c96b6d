"""sample_segment: lists of the exact size, and one JSON object with what was drawn."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from profiles.models import List, ListMember
from segmenter.accounts.models import Account
from segments.models import Sample, Segment
from segments.samples import jobs
from tests.segments.samples.crowds import crowd

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.sample_start, "subscribers", [])


@pytest.fixture
def segment(account: Account) -> Segment:
    return crowd(account, 60, "Loyal, now quiet")


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("sample_segment", *arguments, "--account", "shop", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue().strip().splitlines()[-1])
    return answer


def on_list(name: str) -> set[int]:
    return set(ListMember.objects.filter(list__name=name).values_list("profile_id", flat=True))


def test_a_share_or_so_many_whichever_is_more(segment: Segment) -> None:
    answer = run("Loyal, now quiet", "--list", "Half", "--percent", "50")
    assert answer == {
        "sample": Sample.objects.get().key,
        "segment": "Loyal, now quiet",
        "segment_id": segment.key,
        "version": 1,
        "drawn": answer["drawn"],
        "seed": Sample.objects.get().seed,
        "channel": None,
        "stratify": None,
        "size": 60,
        "eligible": 60,
        "people": 30,
        "reachable": {"email": answer["reachable"]["email"], "sms": 0, "push": 0},
        "lists": [
            {
                "list": "Half",
                "list_id": List.objects.get().key,
                "group": None,
                "control": False,
                "people": 30,
                "reachable": answer["reachable"],
            }
        ],
        "left": 30,
    }
    assert len(on_list("Half")) == 30
    assert run(segment.key, "--list", "More", "--percent=50%", "--at-least=40")["people"] == 40
    assert run(segment.key, "--list", "All", "--percent=1", "--at-least=999")["people"] == 60
    assert run(segment.key, "--list", "Number", "--number", "7")["people"] == 7


def test_the_seed_that_is_printed_draws_the_same_people_again(segment: Segment) -> None:
    first = run(segment.key, "--list", "First", "--number", "20")
    run(segment.key, "--list", "Second", "--number", "20", "--seed", str(first["seed"]))
    run(segment.key, "--list", "Third", "--number", "20", "--seed", "1")
    assert on_list("First") == on_list("Second") != on_list("Third")


def test_a_split_with_its_mix_and_everyone_else(segment: Segment) -> None:
    answer = run(
        *(segment.key, "--list", "Test", "--number", "30", "--split", "A:2,B:2,control:1"),
        *("--stratify", "Size", "--for", "email"),
    )
    assert [(each["list"], each["people"]) for each in answer["lists"]] == [
        ("Test - A", 12),
        ("Test - B", 12),
        ("Test - control", 6),
    ]
    assert (answer["eligible"], answer["left"], answer["reachable"]["email"]) == (48, 18, 30)
    rest = run(
        *(segment.key, "--list", "Rest", "--percent", "100", "--without", "Test - B"),
        *("--for", "email"),
    )
    assert rest["people"] == 18
    assert not on_list("Rest") & set[int]().union(*(on_list(e["list"]) for e in answer["lists"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Nobody", "--list", "L", "--number", "1"), "not found"),
        (("All", "--list", "Taken", "--number", "1"), "already"),
        (("All", "--list", " ", "--number", "1"), "needs a name"),
        (("All", "--list", "L", "--number", "0"), "from 1 to"),
        (("All", "--list", "L", "--percent", "0"), "more than 0"),
        (("All", "--list", "L", "--percent", "nan"), "no percentage"),
        (("All", "--list", "L", "--percent", "five"), "no percentage"),
        (("All", "--list", "L", "--number", "1", "--percent", "1"), "not allowed with"),
        (("All", "--list", "L"), "is required"),
        (("All", "--list", "L", "--number", "1", "--split", "A:x"), "no group"),
        (("All", "--list", "L", "--number", "1", "--split", "A,a"), "name of its own"),
        (("All", "--list", "L", "--number", "1", "--split", ""), "no group"),
        (("All", "--list", "L", "--number", "1", "--without", "Taken"), "not found"),
        (("All", "--list", "L", "--number", "1", "--seed", "-1"), "whole number from 0"),
    ],
)
def test_what_cannot_be_is_refused_and_makes_no_list(
    account: Account, arguments: tuple[str, ...], message: str
) -> None:
    crowd(account, 3)
    List.objects.create(
        account=account, name="Taken", created=account.created, updated=account.created
    )
    with pytest.raises(CommandError, match=message):
        run(*arguments)
    assert List.objects.count() == 1


def test_another_account_s_segment_is_not_there(segment: Segment, other_account: Account) -> None:
    crowd(other_account, 3, "Theirs")
    with pytest.raises(CommandError, match="not found"):
        run("Theirs", "--list", "L", "--number", "1")
    with pytest.raises(CommandError, match="no account"):
        call_command("sample_segment", "All", "--account=none", "--list=L", "--number=1")
