"""The list of segments and the pages of one: what they show, and to whom."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segments.engine.build_queue import request_build
from segments.engine.dependents import dependents
from segments.engine.editing import save_segment
from segments.engine.tags import set_tags
from segments.models import Build, Membership, MembershipChange, Segment, SegmentStatus, Tag
from segments.uses import use_records
from tests.fixtures.cast import AT, SignIn
from tests.page_source import source
from tests.segments.pages.listed_segments import (
    DEFINITION,
    HAS_EMAIL,
    client,
    names,
    segment,
    segment_named,
)

__all__ = ["client", "segment"]

pytestmark = pytest.mark.django_db


OPPOSITE = {"condition_groups": [{"conditions": [{"not": HAS_EMAIL}]}]}


# --- the list ------------------------------------------------------------------------------------


def test_an_empty_list_offers_the_first_step(client: Client, viewer: User, sign_in: SignIn) -> None:
    assert 'href="/segments/new"' in client.get("/segments/").content.decode()
    page = sign_in(viewer).get("/segments/").content.decode()
    assert "First steps" in page
    assert "/segments/new" not in page


def test_segments_are_searched_filtered_and_sorted(client: Client, account: Account) -> None:
    first = segment_named(
        account, "Almost there", size=5, updated=AT - timedelta(days=1), is_starred=True
    )
    second = segment_named(account, "Big spenders", size=50)
    set_tags(account=account, segment=first, names=["persona", "spring"])
    set_tags(account=account, segment=second, names=["persona"])
    assert names(client.get("/segments/")) == ["Big spenders", "Almost there"]
    assert names(client.get("/segments/", {"sort": "name"})) == ["Almost there", "Big spenders"]
    assert names(client.get("/segments/", {"sort": "size"})) == ["Almost there", "Big spenders"]
    assert names(client.get("/segments/", {"q": "SPEND"})) == ["Big spenders"]
    assert names(client.get("/segments/", {"starred": "1"})) == ["Almost there"]
    spring = Tag.objects.get(name="spring").key
    assert names(client.get("/segments/", {"tag": spring})) == ["Almost there"]
    assert names(client.get("/segments/", {"tag": spring, "q": "big"})) == []
    assert names(client.get("/segments/", {"sort": "nonsense", "q": ""})) != []
    page = source(client.get("/segments/"))
    assert ">50<" in page
    assert "persona" in page
    partial = client.get("/segments/", {"q": "spend"}, headers={"HX-Request": "true"})
    assert "<html" not in partial.content.decode()


def test_the_list_has_pages_and_asks_the_same_few_queries(client: Client, account: Account) -> None:
    segment_named(account, "One")
    client.get("/segments/")
    with CaptureQueriesContext(connection) as few:
        client.get("/segments/")
    for n in range(60):
        segment = segment_named(account, f"Segment {n:02}", updated=AT + timedelta(minutes=n))
        set_tags(account=account, segment=segment, names=[f"tag {n % 7}"])
    with CaptureQueriesContext(connection) as many:
        first = client.get("/segments/")
    assert len(many) == len(few) <= 18
    assert names(first)[0] == "Segment 59"
    second = client.get("/segments/", {"after": first.context["page"].after})
    assert len(names(first)) + len(names(second)) == 61
    assert not set(names(first)) & set(names(second))


# --- one segment ---------------------------------------------------------------------------------


def test_members_are_searched_sorted_and_paged(client: Client, segment: Segment) -> None:
    Segment.objects.update(as_of=AT)
    page = client.get(f"/segments/{segment.key}/")
    people = [member.profile.first_name for member in page.context["page"].rows]
    assert people == ["Bo", "Anna"]
    assert "2 people" in page.content.decode()
    text = " ".join(re.sub(r"<[^>]+>", "", page.content.decode()).split())
    assert "as of 1 Mar 2026, 13:00:00 (Europe/Stockholm)" in text
    assert re.search(r"Membership is .+ behind: what has changed since is not counted yet\.", text)
    matches = client.get(f"/segments/{segment.key}/", {"q": "ann"})
    assert [m.profile.first_name for m in matches.context["page"].rows] == ["Anna"]
    assert matches.context["count"] == 1
    bo = Membership.objects.get(profile__first_name="Bo")
    Membership.objects.filter(pk=bo.pk).update(entered=AT - timedelta(days=2))
    oldest = client.get(f"/segments/{segment.key}/", {"sort": "entered"})
    assert oldest.context["page"].rows[0].profile.first_name == "Bo"
    nobody = client.get(f"/segments/{segment.key}/", {"q": "zzz"})
    assert "No member like that" in nobody.content.decode()


def test_the_pages_of_a_segment_ask_the_same_queries_for_any_number(
    client: Client, segment: Segment, account: Account
) -> None:
    def query_counts() -> list[int]:
        counts = []
        for tab in ("", "activity", "use"):
            client.get(f"/segments/{segment.key}/{tab}")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/segments/{segment.key}/{tab}")
            counts.append(len(queries))
        return counts

    before = query_counts()
    records = [{"email": f"p{n}@example.com"} for n in range(40)]
    outcome = ingest_profiles(account=account, records=records, at=AT)
    for pk in filter(None, outcome.profile_ids):
        Membership.objects.create(account=account, segment=segment, profile_id=pk, entered=AT)
        MembershipChange.objects.create(
            account=account,
            segment=segment,
            profile_id=pk,
            entered=True,
            cause=Cause.EVENT,
            true_since=AT,
            at=AT,
        )
    assert query_counts() == before
    assert max(before) <= 11 + len(list(use_records.items())) + len(list(dependents.items()))


def test_the_definition_is_told_with_counts_json_and_versions(
    client: Client,
    segment: Segment,
    account: Account,
    owner: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        save_segment(
            account=account,
            user=owner,
            name="Reachable",
            definition=OPPOSITE,
            segment=segment,
            at=AT + timedelta(hours=1),
        )
    response = client.get(f"/segments/{segment.key}/definition")
    page = response.content.decode()
    assert "who are not among" in page
    line = response.context["text"].tree
    assert (line.kind, line.count) == ("not", 1)
    assert [(below.kind, below.count) for below in line.below] == [("condition", 2)]
    assert "&quot;not&quot;" in page
    assert [row.version.number for row in response.context["versions"]] == [2, 1]
    assert "Owner" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/segments/{segment.key}/restore", {"version": "1", "confirmed": "1"})
    segment.refresh_from_db()
    assert (segment.version, segment.definition, segment.size) == (3, DEFINITION, 2)
    for version in ("9", "x", "", "²", "-1"):
        path = f"/segments/{segment.key}/restore"
        assert client.post(path, {"version": version}).status_code == 404


def test_a_definition_that_cannot_be_read_is_shown_with_its_error(
    client: Client, account: Account
) -> None:
    broken = segment_named(
        account,
        "Broken",
        definition={"condition_groups": [{"conditions": [{"type": "nonsense"}]}]},
        status=SegmentStatus.FROZEN,
        error="'nonsense' is no kind of condition.",
    )
    for path in ("", "definition", "activity", "edit"):
        response = client.get(f"/segments/{broken.key}/{path}")
        assert response.status_code == 200
        assert "nonsense" in response.content.decode()
    assert "Frozen" in client.get("/segments/").content.decode()


def test_the_ledger_says_who_why_and_when(
    client: Client, segment: Segment, people: list[Profile]
) -> None:
    MembershipChange.objects.create(
        account_id=segment.account_id,
        segment=segment,
        profile_id=987654321,
        entered=False,
        cause=Cause.ERASE,
        true_since=AT,
        at=AT + timedelta(days=5_000),
    )
    response = client.get(f"/segments/{segment.key}/activity")
    page = response.content.decode()
    assert response.context["rows"][0].profile is None
    assert "#987654321" in page
    assert "Definition" in page
    leavers = client.get(f"/segments/{segment.key}/activity", {"way": "left"})
    assert len(leavers.context["rows"]) == 1
    entered = client.get(f"/segments/{segment.key}/activity", {"way": "entered"})
    assert len(entered.context["rows"]) == 2


def test_a_build_shows_how_far_it_has_come(client: Client, segment: Segment) -> None:
    quiet = client.get(f"/segments/{segment.key}/status")
    assert "Building" not in quiet.content.decode()
    assert "HX-Refresh" not in quiet
    build = request_build(segment, cause=Cause.DEFINITION, at=AT)
    Build.objects.filter(pk=build.pk).update(people_done=300_000, people_total=1_000_000)
    Segment.objects.filter(pk=segment.pk).update(status=SegmentStatus.BUILDING)
    page = source(client.get(f"/segments/{segment.key}/"))
    assert "Building, 300,000 of 1,000,000 people" in page
    assert 'max="1000000" value="300000"' in page
    again = client.get(f"/segments/{segment.key}/status?whole")
    assert "hx-get" in again.content.decode()
    assert "HX-Refresh" not in again
    Segment.objects.filter(pk=segment.pk).update(status=SegmentStatus.READY)
    done = client.get(f"/segments/{segment.key}/status?whole")
    assert done["HX-Refresh"] == "true"


def test_the_file_holds_the_chosen_properties(client: Client, segment: Segment) -> None:
    response = client.get(
        f"/segments/{segment.key}/members.csv", {"property": ["Points", "No such"]}
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="reachable.csv"'
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["first_name"] for row in rows] == ["Anna", "Bo"]
    assert [row["Points"] for row in rows] == ["12.5", ""]
    assert "No such" not in rows[0]


def test_a_file_s_name_is_harmless(client: Client, account: Account) -> None:
    segment = segment_named(account, '../x";\r\nSet-Cookie: a=b 🌊')
    response = client.get(f"/segments/{segment.key}/members.csv")
    assert response["Content-Disposition"] == 'attachment; filename="x-set-cookie-ab.csv"'
    wave = segment_named(account, "🌊")
    response = client.get(f"/segments/{wave.key}/members.csv")
    assert response["Content-Disposition"] == f'attachment; filename="{wave.key}.csv"'


# --- changes -------------------------------------------------------------------------------------


def test_a_star_is_put_and_taken(client: Client, segment: Segment) -> None:
    path = f"/segments/{segment.key}/star"
    answer = client.post(path, {"on": "1"}, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' in answer.content.decode()
    segment.refresh_from_db()
    assert segment.is_starred
    client.post(path, {"on": "0"})
    segment.refresh_from_db()
    assert not segment.is_starred


def test_an_inactive_segment_stays_as_it_is_until_it_is_activated(
    client: Client, segment: Segment, account: Account, django_capture_on_commit_callbacks: Any
) -> None:
    path = f"/segments/{segment.key}/activate"
    client.post(path, {"on": "0"})
    segment.refresh_from_db()
    assert not segment.is_active
    assert "is inactive" in client.get(f"/segments/{segment.key}/").content.decode()
    ingest_profiles(account=account, records=[{"email": "late@example.com"}], at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path, {"on": "1"})
    segment.refresh_from_db()
    assert (segment.is_active, segment.status, segment.size) == (True, SegmentStatus.READY, 3)


def test_a_segment_that_another_needs_is_not_deleted(
    client: Client, segment: Segment, account: Account
) -> None:
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [segment.key]}
    other = segment_named(
        account, "Other", definition={"condition_groups": [{"conditions": [within]}]}
    )
    path = f"/segments/{segment.key}/delete"
    question = client.post(path, follow=True)
    assert "the segment “Other”" in question.content.decode()
    refusal = client.post(path, {"confirmed": "1"}, follow=True)
    assert "The segment “Other” refers to this one." in refusal.content.decode()
    client.post(f"/segments/{other.key}/delete")
    answer = client.post(path, follow=True)
    assert answer.redirect_chain[-1][0] == "/segments/"
    assert not Segment.objects.exists()


def test_tags_that_nobody_uses_are_forgotten(account: Account) -> None:
    segment, other = segment_named(account, "A"), segment_named(account, "B")
    set_tags(account=account, segment=segment, names=["x", "y"])
    set_tags(account=account, segment=other, names=["x"])
    set_tags(account=account, segment=segment, names=["z"])
    assert sorted(tag.name for tag in Tag.objects.all()) == ["x", "z"]
