"""Several definitions in one file, and clones in another account: by names, all or none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import Account, Role, Seat, User
from segmenter.kernel.errors import Invalid
from segments.engine.tags import set_tags
from segments.models import Build, Segment
from segments.sharing.collection import (
    import_collection,
    preview_collection,
    read_collection,
    write_collection,
)
from tests.builders.definitions import IS_SET, about, either, in_group, once
from tests.fixtures.cast import AT, SignIn
from tests.segments.sharing.test_sharing import fill, segment

__all__ = ["segment"]

pytestmark = pytest.mark.django_db

HAS_EMAIL = either(about("email", IS_SET))


def file_of(*rows: Any) -> str:
    return json.dumps({"segments": rows})


def row(name: str, definition: Any = HAS_EMAIL, **more: Any) -> dict[str, Any]:
    return {"name": name, "definition": definition, **more}


def take(account: Account, text: str, *places: int) -> list[Segment]:
    entries = read_collection(text)
    return import_collection(
        account, None, entries, places or {entry.place for entry in entries}, AT
    )[1]


def test_segments_that_refer_to_each_other_arrive_in_any_order(account: Account) -> None:
    outer = row("Outer", either(in_group("Inner")))
    segments = take(account, file_of(outer, row("Inner")))
    keys = {segment.name: segment.key for segment in segments}
    assert keys["Inner"] in json.dumps(Segment.objects.get(name="Outer").definition)


def test_what_was_written_is_read_in_another_account(
    segment: Segment, account: Account, other_account: Account
) -> None:
    set_tags(account=account, segment=segment, names=["spring"])
    Segment.objects.update(is_starred=True)
    segment.refresh_from_db()
    fill(other_account)
    (copy,) = take(other_account, json.dumps(write_collection([segment])))
    assert (copy.name, copy.is_starred) == ("Readers", True)
    assert [tag.name for tag in copy.tags.all()] == ["spring"]
    assert copy.definition != segment.definition
    assert write_collection([copy]) == write_collection([segment])


def test_a_preview_saves_nothing_and_says_everything(account: Account) -> None:
    take(account, file_of(row("Taken")))
    text = file_of(
        row("Taken"),
        row("Unknown", either(once("No such metric"), in_group("No such list"))),
        row("Wrong", {"condition_groups": [{"conditions": [{"type": "nonsense"}]}]}),
        row("Nobody", either(about("properties['Shoe size']", IS_SET))),
    )
    before = (Segment.objects.count(), Build.objects.count())
    renamed, unknown, wrong, nobody = preview_collection(account, read_collection(text), AT)
    assert (Segment.objects.count(), Build.objects.count()) == before
    assert (renamed.new_name, renamed.is_renamed, renamed.problems) == ("Taken (2)", True, ())
    assert unknown.problems == (
        "There is no metric “No such metric”.",
        "There is no list or segment “No such list”.",
    )
    assert wrong.problems
    assert (nobody.problems, nobody.unknown_properties) == ((), ("Shoe size",))


def test_all_are_made_or_none(account: Account) -> None:
    text = file_of(row("Good"), row("Bad", either(in_group("Nothing"))))
    assert take(account, text) == []
    assert not Segment.objects.exists()
    assert [segment.name for segment in take(account, text, 0)] == ["Good"]


def test_a_reference_follows_a_segment_that_gets_another_name(account: Account) -> None:
    (old,) = take(account, file_of(row("Inner")))
    segments = take(account, file_of(row("Inner"), row("Outer", either(in_group("Inner")))))
    definition = json.dumps(Segment.objects.get(name="Outer").definition)
    new = next(segment for segment in segments if segment.name == "Inner (2)")
    assert new.key in definition
    assert old.key not in definition


def test_a_circle_is_refused(account: Account) -> None:
    text = file_of(row("A", either(in_group("B"))), row("B", either(in_group("A"))))
    entries = preview_collection(account, read_collection(text), AT)
    assert all(entry.problems for entry in entries)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "7",
        '{"segments": []}',
        '{"segments": {}}',
        '{"segments": [7]}',
        '{"segments": [{"name": ""}]}',
        '{"segments": [{"name": 7}]}',
        '{"segments": [{"name": "A", "tags": "x"}]}',
        '{"segments": [{"name": "A", "tags": [1]}]}',
        json.dumps({"segments": [row("A")] * 501}),
    ],
)
def test_what_is_no_file_of_segments_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_collection(text)


@pytest.mark.parametrize("definition", [None, 7, [], {"condition_groups": 7}, {"groups": 1}])
def test_what_is_no_definition_is_a_problem_of_its_segment(
    account: Account, definition: Any
) -> None:
    (entry,) = preview_collection(account, read_collection(file_of(row("A", definition))), AT)
    assert entry.problems


# --- pages ---------------------------------------------------------------------------------------


def test_a_file_is_shown_and_then_made(account: Account, marketer: User, sign_in: SignIn) -> None:
    client: Client = sign_in(marketer)
    text = file_of(row("Good"), row("Bad", either(in_group("Nothing"))))
    page = client.post("/segments/take", {"text": text})
    content = page.content.decode()
    assert page.status_code == 200
    assert "There is no list or segment “Nothing”." in content
    assert not Segment.objects.exists()
    refusal = client.post("/segments/take/several", {"text": text, "place": ["0", "1"]})
    assert refusal.status_code == 422
    assert not Segment.objects.exists()
    assert client.post("/segments/take/several", {"text": text}).status_code == 422
    client.post("/segments/take/several", {"text": text, "place": ["0", "x", "99"]})
    assert [segment.name for segment in Segment.objects.all()] == ["Good"]
    assert client.post("/segments/take/several", {"text": "{"}).status_code == 422


def test_a_viewer_takes_nothing(viewer: User, segment: Segment, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    assert client.post("/segments/take/several", {}).status_code == 403
    assert client.post(f"/segments/{segment.key}/copy", {}).status_code == 403
    assert client.get(f"/segments/definitions.json?s={segment.key}").status_code == 403


def test_the_file_of_another_account_s_segments_is_not_there(
    stranger: User, segment: Segment, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    assert client.get(f"/segments/definitions.json?s={segment.key}").status_code == 404
    assert client.post(f"/segments/{segment.key}/copy", {}).status_code == 404


def test_a_segment_is_cloned_to_another_account_of_mine(
    account: Account,
    other_account: Account,
    marketer: User,
    segment: Segment,
    sign_in: SignIn,
) -> None:
    client = sign_in(marketer)
    path = f"/segments/{segment.key}/copy"
    target = {"account": other_account.slug}
    assert client.post(path, target).status_code == 404, "not an account of mine"
    seat = Seat.objects.create(user=marketer, account=other_account, role=Role.VIEWER)
    assert client.post(path, target).status_code == 404, "viewers make nothing"
    Seat.objects.filter(pk=seat.pk).update(role=Role.MARKETER)
    refusal = client.post(path, target)
    assert refusal.status_code == 422
    assert "There is no metric “Placed Order”." in refusal.content.decode()
    assert not Segment.objects.filter(account=other_account).exists()
    fill(other_account)
    page = client.post(path, target)
    assert page.status_code == 200
    copy = Segment.objects.get(account=other_account)
    assert (copy.name, copy.editor) == ("Readers", marketer)
    assert Profile.objects.filter(account=other_account).exists()
    for wrong in ({}, {"account": "nonono"}, {"account": account.slug}):
        assert client.post(path, wrong).status_code == 404
