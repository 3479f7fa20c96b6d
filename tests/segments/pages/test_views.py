"""The list of segments and the pages of one: what they show, and to whom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segments import urls
from segments.audiences import urls as audiences_urls
from segments.builder.tags import set_tags
from segments.campaigns import urls as campaigns_urls
from segments.engine.build_queue import request_build
from segments.engine.editing import save_segment
from segments.forecasts import urls as forecasts_urls
from segments.models import Build, Membership, MembershipChange, Segment, SegmentStatus, Tag
from segments.samples import urls as samples_urls
from segments.sharing import urls as sharing_urls
from segments.uses import use_records
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, Response, SignIn
from tests.page_source import source

pytestmark = pytest.mark.django_db

HAS_EMAIL = {
    "type": "profile-property",
    "property": "email",
    "filter": {"type": "existence", "operator": "is-set"},
}
DEFINITION = {"condition_groups": [{"conditions": [HAS_EMAIL]}]}
OPPOSITE = {"condition_groups": [{"conditions": [{"not": HAS_EMAIL}]}]}


def made(account: Account, name: str, **more: Any) -> Segment:
    """A segment that is ready, without members."""
    return new_segment(account, name, **{"definition": DEFINITION, "as_of": AT, **more})


@pytest.fixture
def segment(
    account: Account,
    marketer: User,
    people: list[Profile],
    django_capture_on_commit_callbacks: Any,
) -> Segment:
    """Who has an e-mail address: Anna and Bo."""
    with django_capture_on_commit_callbacks(execute=True):
        saved = save_segment(
            account=account, user=marketer, name="Reachable", definition=DEFINITION, at=AT
        )
    saved.refresh_from_db()
    return saved


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def names(response: Response) -> list[str]:
    return [segment.name for segment in response.context["page"].rows]


# --- the list ------------------------------------------------------------------------------------


def test_an_empty_list_offers_the_first_step(client: Client, viewer: User, sign_in: SignIn) -> None:
    assert 'href="/segments/new"' in client.get("/segments/").content.decode()
    page = sign_in(viewer).get("/segments/").content.decode()
    assert "No segments yet" in page
    assert "/segments/new" not in page


def test_segments_are_searched_filtered_and_sorted(client: Client, account: Account) -> None:
    first = made(account, "Almost there", size=5, updated=AT - timedelta(days=1), is_starred=True)
    second = made(account, "Big spenders", size=50)
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
    made(account, "One")
    client.get("/segments/")
    with CaptureQueriesContext(connection) as few:
        client.get("/segments/")
    for n in range(60):
        segment = made(account, f"Segment {n:02}", updated=AT + timedelta(minutes=n))
        set_tags(account=account, segment=segment, names=[f"tag {n % 7}"])
    with CaptureQueriesContext(connection) as many:
        first = client.get("/segments/")
    assert len(many) == len(few) <= 9
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
    told = " ".join(re.sub(r"<[^>]+>", "", page.content.decode()).split())
    assert "true as of 1 Mar 2026, 13:00:00 (Europe/Stockholm)" in told
    assert re.search(r"Membership is .+ behind: what has changed since is not counted yet\.", told)
    found = client.get(f"/segments/{segment.key}/", {"q": "ann"})
    assert [m.profile.first_name for m in found.context["page"].rows] == ["Anna"]
    assert found.context["count"] == 1
    bo = Membership.objects.get(profile__first_name="Bo")
    Membership.objects.filter(pk=bo.pk).update(entered=AT - timedelta(days=2))
    oldest = client.get(f"/segments/{segment.key}/", {"sort": "entered"})
    assert oldest.context["page"].rows[0].profile.first_name == "Bo"
    nobody = client.get(f"/segments/{segment.key}/", {"q": "zzz"})
    assert "No member like that" in nobody.content.decode()


def test_the_pages_of_a_segment_ask_the_same_queries_for_any_number(
    client: Client, segment: Segment, account: Account
) -> None:
    def asked() -> list[int]:
        counts = []
        for tab in ("", "activity", "use"):
            client.get(f"/segments/{segment.key}/{tab}")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/segments/{segment.key}/{tab}")
            counts.append(len(queries))
        return counts

    before = asked()
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
    assert asked() == before
    assert max(before) <= 10 + len(list(use_records.items()))


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
    assert [version.number for version in response.context["versions"]] == [2, 1]
    assert "Owner" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/segments/{segment.key}/restore", {"version": "1"})
    segment.refresh_from_db()
    assert (segment.version, segment.definition, segment.size) == (3, DEFINITION, 2)
    for version in ("9", "x", "", "²", "-1"):
        path = f"/segments/{segment.key}/restore"
        assert client.post(path, {"version": version}).status_code == 404


def test_a_definition_that_cannot_be_read_is_shown_with_its_error(
    client: Client, account: Account
) -> None:
    broken = made(
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
    left = client.get(f"/segments/{segment.key}/activity", {"way": "left"})
    assert len(left.context["rows"]) == 1
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
    segment = made(account, '../x";\r\nSet-Cookie: a=b 🌊')
    response = client.get(f"/segments/{segment.key}/members.csv")
    assert response["Content-Disposition"] == 'attachment; filename="x-set-cookie-ab.csv"'
    wave = made(account, "🌊")
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
    other = made(account, "Other", definition={"condition_groups": [{"conditions": [within]}]})
    path = f"/segments/{segment.key}/delete"
    refused = client.post(path, follow=True)
    assert "The segment “Other” refers to this one." in refused.content.decode()
    client.post(f"/segments/{other.key}/delete")
    gone = client.post(path, follow=True)
    assert gone.redirect_chain[-1][0] == "/segments/"
    assert not Segment.objects.exists()
    assert not Membership.objects.exists()


def test_tags_that_nobody_uses_are_forgotten(account: Account) -> None:
    segment, other = made(account, "A"), made(account, "B")
    set_tags(account=account, segment=segment, names=["x", "y"])
    set_tags(account=account, segment=other, names=["x"])
    set_tags(account=account, segment=segment, names=["z"])
    assert sorted(tag.name for tag in Tag.objects.all()) == ["x", "z"]


# --- who may -------------------------------------------------------------------------------------

READS = {
    *("list", "detail", "definition", "activity", "growth", "growth-csv", "on", "status", "csv"),
    "use",
    "why",
}
WRITES = {"star", "activate", "restore", "delete"}
BUILDS_READS = {"new", "edit", "suggest"}
BUILDS_WRITES = {
    "preview",
    "change",
    "draw",
    "join",
    "people",
    "save",
    "start-over",
    "cancel",
    "discard-draft",
}


ADDRESSES = [
    pattern
    for room in urls.urlpatterns
    for pattern in room.url_patterns
    if isinstance(pattern, URLPattern)
]


def addresses(names: set[str], key: str) -> Iterator[tuple[str, str]]:
    for pattern in ADDRESSES:
        if pattern.name in names:
            arguments = [key] if "key" in str(pattern.pattern) else []
            yield str(pattern.name), reverse(f"segments:{pattern.name}", args=arguments)


OF_A_PERSON = {"person-activity", "explain"}
"""Addresses that `test_growth_pages` and `test_explain_pages` look at."""
OF_STATUS = {"status-page", "status-again", "prometheus"}
"""Addresses that `test_status` and `test_prometheus` look at."""
OF_EXPORTS = {
    "exports",
    "export-people",
    "column-set-delete",
    "export",
    "export-cancel",
    "export-file",
}
"""Addresses that `tests/segments/exports/test_pages` looks at."""
OF_OTHER_ROOMS = {
    pattern.name
    for room in (samples_urls, campaigns_urls, audiences_urls, forecasts_urls, sharing_urls)
    for pattern in room.urlpatterns
}
"""Addresses that the pages' tests of these rooms look at."""


def test_every_address_has_a_door() -> None:
    builds = BUILDS_READS | BUILDS_WRITES
    elsewhere = OF_A_PERSON | OF_STATUS | OF_EXPORTS | OF_OTHER_ROOMS
    known = READS | WRITES | builds | elsewhere
    assert {pattern.name for pattern in ADDRESSES} == known


def test_a_viewer_reads_and_changes_nothing(
    segment: Segment, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    for name, path in addresses(READS, segment.key):
        response = client.get(path)
        assert response.status_code == 200, name
        if not response.streaming and name != "status":
            page = response.content.decode()
            assert 'method="post" action="/segments' not in page
            assert "/edit" not in page
            assert "/segments/new" not in page
    for name, path in addresses(WRITES | BUILDS_WRITES, segment.key):
        assert client.post(path, {"on": "1", "version": "1"}).status_code == 403, name
    for name, path in addresses(BUILDS_READS, segment.key):
        assert client.get(path).status_code == 403, name
    before = segment.is_starred
    segment.refresh_from_db()
    assert segment.is_starred == before


def test_what_is_another_account_s_is_not_there(
    segment: Segment, stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    for names, method in ((READS | {"edit"}, client.get), (WRITES, client.post)):
        theirs = dict(addresses(names - {"list"}, segment.key))
        nothing = dict(addresses(names - {"list"}, "nonono"))
        for name, path in theirs.items():
            answer, none = method(path), method(nothing[name])
            assert answer.status_code == none.status_code == 404, name
            assert len(answer.content) == len(none.content)
    assert names_of(client.get("/segments/")) == []
    assert client.get("/segments/new", {"from": segment.key}).status_code == 404
    assert Segment.objects.count() == 1


def names_of(response: Response) -> list[str]:
    return names(response)


def test_without_signing_in_there_is_only_the_way_to_sign_in(segment: Segment) -> None:
    everything = READS | WRITES | BUILDS_READS | BUILDS_WRITES
    for name, path in addresses(everything, segment.key):
        method = Client().post if name in WRITES | BUILDS_WRITES else Client().get
        answer = method(path)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/sign-in?next="), name


def test_only_the_right_way_of_asking_is_answered(client: Client, segment: Segment) -> None:
    for _name, path in addresses(READS | BUILDS_READS, segment.key):
        assert client.post(path).status_code == 405
    for _name, path in addresses(WRITES | BUILDS_WRITES, segment.key):
        assert client.get(path).status_code == 405


EVIL = '"><script>alert(1)</script>{{ x }}'


def test_names_cannot_carry_scripts(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = made(account, EVIL)
    set_tags(account=account, segment=segment, names=[EVIL[:50]])
    Profile.objects.update(first_name=EVIL, city=EVIL, properties={EVIL: EVIL})
    Membership.objects.create(account=account, segment=segment, profile=people[0], entered=AT)
    for _name, path in addresses(READS | BUILDS_READS, segment.key):
        response = client.get(path)
        if not response.streaming:
            assert "<script>alert" not in response.content.decode(), path
