"""Several segments at once: star, tags, export, deletion and more, with what undoes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from segmenter.accounts.models import Account, User
from segments.engine.build import run_build
from segments.engine.deletion import deleted_segments
from segments.engine.tags import MOST_TAGS, set_tags
from segments.models import Build, Segment, Tag, Webhook
from tests.builders.definitions import either
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.pages.listed_segments import client, segment_named

__all__ = ["client"]

pytestmark = pytest.mark.django_db


def do(client: Client, action: str, *segments: Segment, **more: Any) -> Response:
    return client.post("/segments/bulk", {"do": action, "s": [s.key for s in segments], **more})


def undo(client: Client, response: Response) -> Response:
    """Press "Undo" on the page that follows."""
    page = client.get(response["Location"])
    (message,) = [each for each in page.context["messages"] if each.extra_tags]
    return client.post(message.extra_tags)


def names(account: Account) -> list[str]:
    return sorted(Segment.objects.filter(account=account).values_list("name", flat=True))


@pytest.fixture
def two(account: Account) -> tuple[Segment, Segment]:
    return segment_named(account, "A"), segment_named(account, "B")


def referring(account: Account, name: str, other: Segment) -> Segment:
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [other.key]}
    return segment_named(account, name, definition=either(within))


def test_stars_are_put_and_taken(client: Client, two: tuple[Segment, Segment]) -> None:
    do(client, "star", *two)
    assert Segment.objects.filter(is_starred=True).count() == 2
    do(client, "unstar", two[0])
    assert Segment.objects.get(is_starred=True) == two[1]


def test_a_tag_is_added_and_removed(
    client: Client, account: Account, two: tuple[Segment, Segment]
) -> None:
    set_tags(account=account, segment=two[0], names=["old"])
    do(client, "tag", *two, tag="  spring  sale ")
    assert [sorted(t.name for t in each.tags.all()) for each in two] == [
        ["old", "spring sale"],
        ["spring sale"],
    ]
    do(client, "untag", *two, tag="spring sale")
    assert [tag.name for tag in Tag.objects.all()] == ["old"]


@pytest.mark.parametrize("tag", ["", "   ", "x" * 61])
def test_a_bad_tag_changes_nothing(client: Client, two: tuple[Segment, Segment], tag: str) -> None:
    page = client.get(do(client, "tag", *two, tag=tag)["Location"])
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert not Tag.objects.exists()


def test_a_segment_with_too_many_tags_is_said(client: Client, account: Account) -> None:
    segment = segment_named(account, "A")
    set_tags(account=account, segment=segment, names=[f"t{n}" for n in range(MOST_TAGS)])
    do(client, "tag", segment, tag="more")
    assert segment.tags.count() == MOST_TAGS


def test_several_are_deleted_and_brought_back(
    client: Client, account: Account, two: tuple[Segment, Segment]
) -> None:
    other = segment_named(account, "C")
    response = do(client, "delete", *two)
    assert names(account) == ["C"]
    assert undo(client, response).status_code == 302
    assert names(account) == ["A", "B", "C"]
    assert other.deleted is None


def test_one_is_deleted_and_brought_back_with_its_stars_and_tags(
    client: Client, account: Account
) -> None:
    segment = segment_named(account, "A", is_starred=True)
    set_tags(account=account, segment=segment, names=["spring"])
    client.post(f"/segments/{segment.key}/delete")
    assert client.get(f"/segments/{segment.key}/").status_code == 404
    assert client.get("/segments/").context["tags"][0].used == 0
    client.post(f"/segments/undo?action=delete&s={segment.key}")
    segment.refresh_from_db()
    assert (segment.is_starred, [t.name for t in segment.tags.all()]) == (True, ["spring"])


def test_segments_that_refer_to_each_other_go_together(client: Client, account: Account) -> None:
    inner = segment_named(account, "A inner")
    outer = referring(account, "B outer", inner)
    assert do(client, "delete", inner, outer)["Location"] == "/segments/"
    assert names(account) == []
    assert deleted_segments(account).count() == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_segments_that_refer_to_each_other_come_back_together(
    client: Client, account: Account, order: tuple[int, int]
) -> None:
    inner = segment_named(account, "A inner")
    pair = [inner, referring(account, "B outer", inner)]
    do(client, "delete", *pair)
    query = "&".join(f"s={pair[at].key}" for at in order)
    client.post(f"/segments/undo?action=delete&{query}")
    for build in Build.objects.filter(segment__in=pair, finished=None):
        run_build(build.pk, AT)
    assert {segment.status for segment in Segment.objects.filter(account=account)} == {"ready"}


def test_what_is_used_is_asked_about_first(client: Client, account: Account) -> None:
    segment = segment_named(account, "A")
    webhook = Webhook.objects.create(
        account=account, name="CRM", all_segments=False, created=AT, updated=AT
    )
    webhook.segments.add(segment)
    for action in ("delete", "deactivate"):
        question = client.get(do(client, action, segment)["Location"])
        assert "the webhook “CRM”" in question.content.decode()
        segment.refresh_from_db()
        assert segment.is_active
        assert segment.deleted is None
    do(client, "deactivate", segment, confirmed="1")
    segment.refresh_from_db()
    assert not segment.is_active
    do(client, "delete", segment, confirmed="1")
    assert names(account) == []


def test_what_is_needed_stays_and_the_rest_is_deleted(client: Client, account: Account) -> None:
    inner, free = segment_named(account, "Inner"), segment_named(account, "Free")
    referring(account, "Outer", inner)
    question = client.get(do(client, "delete", inner, free)["Location"])
    assert question.context["possible"] == 1
    response = do(client, "delete", inner, free, confirmed="1")
    assert names(account) == ["Inner", "Outer"]
    page = client.get(response["Location"]).content.decode()
    assert "The segment “Outer” refers to this one." in page
    assert "“Free” is deleted." in page


def test_deactivating_is_undone(
    client: Client, account: Account, two: tuple[Segment, Segment]
) -> None:
    idle = segment_named(account, "C", is_active=False)
    response = do(client, "deactivate", *two, idle)
    assert not Segment.objects.filter(is_active=True).exists()
    undo(client, response)
    active = Segment.objects.filter(is_active=True)
    assert sorted(active.values_list("name", flat=True)) == ["A", "B"], "C was inactive before"


def test_definitions_are_exported_as_one_file(
    client: Client, account: Account, two: tuple[Segment, Segment]
) -> None:
    set_tags(account=account, segment=two[0], names=["spring"])
    response = client.get(do(client, "export", *two)["Location"])
    assert response["Content-Disposition"].startswith("attachment")
    rows = json.loads(response.content)["segments"]
    assert [(row["name"], row["tags"]) for row in rows] == [("A", ["spring"]), ("B", [])]


def test_a_comparison_takes_two_to_six(client: Client, account: Account) -> None:
    segments = [segment_named(account, f"S{n}") for n in range(7)]
    keys = "&".join(f"s={segment.key}" for segment in segments[:2])
    assert do(client, "compare", *segments[:2])["Location"] == f"/segments/compare?{keys}"
    for few_or_many in (segments[:1], segments):
        page = client.get(do(client, "compare", *few_or_many)["Location"])
        assert "Choose two to 6 segments" in page.content.decode()


def test_rubbish_does_nothing(client: Client, two: tuple[Segment, Segment]) -> None:
    assert do(client, "explode", *two).status_code == 404
    assert client.post("/segments/bulk", {"do": "delete"}).status_code == 302
    assert client.post("/segments/bulk", {"do": "delete", "s": ["nonono", "\0", ""]}).status_code
    assert client.get("/segments/ask?do=delete").status_code == 404
    assert client.get(f"/segments/ask?do=star&s={two[0].key}").status_code == 404
    for query in ("", "action=delete", "action=delete&s=nonono", f"action=star&s={two[0].key}"):
        assert client.post(f"/segments/undo?{query}").status_code == 404
    assert Segment.objects.count() == 2


def test_nobody_else_may(
    account: Account,
    two: tuple[Segment, Segment],
    viewer: User,
    stranger: User,
    sign_in: SignIn,
    client: Client,
) -> None:
    tag = Tag.objects.create(account=account, name="spring")
    posts = ("/segments/bulk", "/segments/undo", f"/segments/tags/{tag.key}")
    gets = ("/segments/ask", "/segments/trash", "/segments/tags")
    for path in posts:
        assert sign_in(viewer).post(path).status_code == 403
        assert client.get(path).status_code == 405
    for path in gets:
        assert sign_in(viewer).get(path).status_code == 403
    outsider = sign_in(stranger)
    do(outsider, "delete", *two)
    assert outsider.post(f"/segments/tags/{tag.key}", {"delete": "1"}).status_code == 404
    assert outsider.get(f"/segments/ask?do=delete&s={two[0].key}").status_code == 404
    do(client, "delete", two[0])
    assert outsider.post(f"/segments/undo?action=delete&s={two[0].key}").status_code == 404
    assert outsider.get("/segments/trash").context["rows"] == []
    assert names(account) == ["B"]


def test_the_trash_brings_back(client: Client, two: tuple[Segment, Segment]) -> None:
    do(client, "delete", *two)
    page = client.get("/segments/trash")
    assert [segment.name for segment, _url, _until in page.context["rows"]] == ["B", "A"]
    client.post(page.context["rows"][0][1])
    assert [segment.name for segment, *_ in client.get("/segments/trash").context["rows"]] == ["A"]


# --- tags ----------------------------------------------------------------------------------------


def test_a_tag_is_renamed_and_deleted(client: Client, account: Account) -> None:
    segment = segment_named(account, "A")
    set_tags(account=account, segment=segment, names=["one", "two"])
    one = Tag.objects.get(name="one")
    client.post(f"/segments/tags/{one.key}", {"name": " uno "})
    assert sorted(tag.name for tag in segment.tags.all()) == ["two", "uno"]
    for name in ("two", "", "x" * 61):
        page = client.post(f"/segments/tags/{one.key}", {"name": name}, follow=True)
        assert [message.level_tag for message in page.context["messages"]][-1] == "error"
    client.post(f"/segments/tags/{one.key}", {"delete": "1"})
    assert [tag.name for tag in segment.tags.all()] == ["two"]


# --- the list ------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_use_and_state(client: Client, account: Account) -> None:
    inner = segment_named(account, "Inner")
    referring(account, "Outer", inner)
    segment_named(account, "Idle", is_active=False)

    def names_with(query: str) -> list[str]:
        return sorted(row.segment.name for row in client.get(f"/segments/?{query}").context["rows"])

    assert names_with("use=used") == ["Inner"]
    assert names_with("use=unused") == ["Idle", "Outer"]
    assert names_with("state=inactive") == ["Idle"]
    assert names_with("state=soon") == []
    assert names_with("use=nonsense&state=nonsense&tag=nonono") == []
    assert names_with("use=nonsense&state=nonsense") == ["Idle", "Inner", "Outer"]


def test_a_row_says_the_sentence_the_share_and_the_change(
    client: Client, account: Account, people: list[Any]
) -> None:
    segment_named(account, "Half", size=2, created=AT.replace(year=2025))
    (row,) = client.get("/segments/").context["rows"]
    assert row.sentence.startswith("People ")
    assert row.share == pytest.approx(200 / 3)
    assert row.change.text == "±0"
    segment_named(account, "Broken", definition={"condition_groups": "x"})
    broken = next(
        row for row in client.get("/segments/").context["rows"] if row.segment.name == "Broken"
    )
    assert broken.sentence == ""
