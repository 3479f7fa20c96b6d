"""The pages that explain why a person is in a segment: content and access."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.models import List, Metric, Profile
from segmenter.accounts.models import Account, User
from segments.engine.queries import resolve_names
from segments.models import Membership, Segment, SegmentStatus
from tests.builders.definitions import about, at_least, last, text
from tests.fixtures.cast import AT, SignIn
from tests.segments.pages.test_access import EVIL

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def today() -> Any:
    """1 March 2026 in Stockholm."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def client(viewer: User, sign_in: SignIn) -> Client:
    return sign_in(viewer)


def ordered(least: int, days: int = 30, **more: Any) -> Json:
    return at_least("Placed Order", least, last(days), **more)


def has(name: str, value: str) -> Json:
    return about(name, text("equals", value))


SUBSCRIBED = {
    "type": "profile-marketing-consent",
    "consent": {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "subscribed"},
    },
}


def groups(*groups: list[Json]) -> Json:
    return {"condition_groups": [{"conditions": group} for group in groups]}


def segment_of(account: Account, definition: Json, *inside: Profile, **more: Any) -> Segment:
    """A segment with these people in it, whatever the definition says."""
    fields = {"name": "Fans", "status": SegmentStatus.READY, "created": AT, "updated": AT} | more
    resolved = resolve_names(account, definition)
    segment = Segment.objects.create(account=account, definition=resolved, as_of=AT, **fields)
    for profile in inside:
        Membership.objects.create(account=account, segment=segment, profile=profile, entered=AT)
    return segment


def page_of(client: Client, segment: Segment, profile: Profile) -> str:
    response = client.get(f"/segments/{segment.key}/explain/{profile.pk}/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_member_sees_what_decided_and_when_it_ends(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_of(account, groups([ordered(1)], [has("first_name", "Anna")]), people[0])
    page = page_of(client, segment, people[0])
    assert "In this segment since 1 Mar 2026, 13:00." in page
    assert "leaves by itself on 6 Mar 2026, 00:00" in page
    assert "2 events count" in page
    assert "26 days ago" in page
    assert "“Anna”" in page
    assert page.count("</svg> met</span>") >= 2
    assert "> not met<" not in page
    assert "What is missing" not in page
    assert "is being updated" not in page


def test_who_is_out_sees_what_would_be_needed(
    client: Client, account: Account, people: list[Profile]
) -> None:
    definition = groups([ordered(3), has("location['country']", "Norway")], [SUBSCRIBED])
    segment = segment_of(account, definition)
    page = page_of(client, segment, people[0])
    assert "Not in this segment." in page
    assert "any one of these:" in page
    assert "1 more Placed Order before 5 Mar 2026, 00:00" in page
    assert "it must hold that country is “Norway”" in page
    assert "“Sweden”" in page
    page = page_of(client, segment, people[1])
    assert "must subscribe to marketing by email" in page
    assert "the suppression on email must be lifted" in page
    assert "3 more Placed Order" in page
    assert "suppressed because of a hard bounce" in page
    assert "not set" in page


def test_an_order_just_outside_the_window_is_shown(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_of(account, groups([ordered(1, days=20)]))
    page = page_of(client, segment, people[0])
    assert "0 of 2 events count" in page
    assert "the timeframe begins on 9 Feb 2026, 00:00" in page


def test_a_change_that_waits_is_told(
    client: Client, account: Account, people: list[Profile]
) -> None:
    definition = groups([has("first_name", "Anna")])
    out = segment_of(account, definition)
    assert "is about to enter" in page_of(client, out, people[0])
    wrong = segment_of(account, definition, people[1], name="Other")
    assert "is about to leave" in page_of(client, wrong, people[1])
    still = segment_of(account, definition, people[1], name="Third", is_active=False)
    page = page_of(client, still, people[1])
    assert "is about to" not in page
    assert "time changes nothing" in page


def test_groups_and_negations_are_laid_out(
    client: Client, account: Account, people: list[Profile]
) -> None:
    nested = groups([{"not": has("first_name", "Bo")}], [has("last_name", "Lind"), SUBSCRIBED])
    segment = segment_of(account, groups([ordered(1), nested], [ordered(1)]), people[0])
    page = page_of(client, segment, people[0])
    for joint in (">AND<", ">OR<", ">NOT<"):
        assert joint in page
    assert "everyone except who meets this" in page


def test_other_segments_are_not_foreseen(
    client: Client, account: Account, people: list[Profile]
) -> None:
    inner = segment_of(account, groups([has("first_name", "Anna")]), people[0], name="Inner")
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [inner.key]}
    outer = segment_of(account, groups([within]), people[0], name="Outer")
    page = page_of(client, outer, people[0])
    assert "a member since 1 Mar 2026, 13:00" in page
    assert "as long as nothing changes in the other segments" in page
    newsletter = within | {"group_ids": [List.objects.get().key]}
    by_list = segment_of(account, groups([newsletter]), people[0], name="List")
    assert "other segments" not in page_of(client, by_list, people[0])
    assert "must be in Newsletter" in page_of(client, by_list, people[1])


def test_a_definition_that_cannot_be_evaluated_says_so(
    client: Client, account: Account, people: list[Profile]
) -> None:
    broken = segment_of(account, {"condition_groups": []})
    assert "cannot be explained" in page_of(client, broken, people[0])
    unknown = groups([ordered(1) | {"metric_id": "Nonono"}])
    del unknown["condition_groups"][0]["conditions"][0]["metric"]
    segment = segment_of(account, unknown, name="Unknown")
    assert "cannot be explained" in page_of(client, segment, people[0])


def test_what_people_wrote_cannot_carry_scripts(
    client: Client, account: Account, people: list[Profile]
) -> None:
    Profile.objects.update(first_name=EVIL, properties={EVIL: EVIL, "List": [EVIL]})
    Metric.objects.update(name=EVIL)
    List.objects.update(name=EVIL)
    evil = "properties['" + EVIL.replace("'", "\\'") + "']"
    metric = Metric.objects.get().key
    event = ordered(5) | {
        "metric_id": metric,
        "metric_filters": [
            {"property": EVIL, "filter": {"type": "string", "operator": "equals", "value": EVIL}}
        ],
    }
    del event["metric"]
    not_in = {"type": "profile-group-membership", "is_member": False}
    conditions = [
        has(evil, EVIL),
        has("properties['List']", EVIL),
        event,
        {**not_in, "group_ids": [List.objects.get().key]},
        {
            "type": "profile-location-distance",
            "latitude": 1.0,
            "longitude": 1.0,
            "label": EVIL,
            "unit": "kilometers",
            "filter": {"type": "numeric", "operator": "less-than", "value": 5},
        },
    ]
    segment = segment_of(account, groups(*[[condition] for condition in conditions]), name=EVIL)
    page = page_of(client, segment, people[0])
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") > 5
    assert "<script>alert" not in client.get(f"/profiles/{people[0].pk}/").content.decode()


# --- finding somebody ----------------------------------------------------------------------------


def test_people_are_searched_and_say_in_or_out(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_of(account, groups([has("first_name", "Anna")]), people[0])
    path = f"/segments/{segment.key}/explain/"
    assert "Search for anyone" in client.get(path).content.decode()
    answer = client.get(path, {"q": "an"})
    assert [(row["profile"].first_name, row["inside"]) for row in answer.context["rows"]] == [
        ("Anna", True)
    ]
    assert f'href="{path}{people[0].pk}/"' in answer.content.decode()
    partial = client.get(path, {"q": "bo@"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in partial
    assert "Bo Ek" in partial
    assert "Nobody found" in client.get(path, {"q": "zzz"}).content.decode()


def test_the_person_s_page_leads_to_every_why(
    client: Client, account: Account, people: list[Profile]
) -> None:
    inside = segment_of(account, groups([has("first_name", "Anna")]), people[0], name="In")
    outside = segment_of(account, groups([has("first_name", "Bo")]), name="Out")
    page = " ".join(client.get(f"/profiles/{people[0].pk}/").content.decode().split())
    assert f'href="/segments/{inside.key}/explain/{people[0].pk}/"' in page
    assert f'href="/segments/{outside.key}/explain/{people[0].pk}/"' in page
    assert "Not in 1 segment<" in page
    members = client.get(f"/segments/{inside.key}/").content.decode()
    assert f'href="/segments/{inside.key}/explain/{people[0].pk}/"' in members


def test_whoever_was_merged_leads_to_who_is_left(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_of(account, groups([has("first_name", "Anna")]), people[0])
    anna, bo = people[0], people[1]
    dropped = bo.pk
    merge(account=account, keep_id=anna.pk, drop_id=dropped, at=AT)
    response = client.get(f"/segments/{segment.key}/explain/{dropped}/")
    assert response.status_code == 302
    assert response["Location"] == f"/segments/{segment.key}/explain/{anna.pk}/"


def test_whoever_was_erased_is_not_there(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_of(account, groups([has("first_name", "Anna")]), people[0])
    path = f"/segments/{segment.key}/explain/{people[0].pk}/"
    assert client.get(path).status_code == 200
    erase(account=account, profile_id=people[0].pk, at=AT)
    assert client.get(path).status_code == 404


def test_who_or_what_is_not_the_account_s_is_not_there(
    client: Client,
    account: Account,
    other_account: Account,
    stranger: User,
    sign_in: SignIn,
    people: list[Profile],
) -> None:
    segment = segment_of(account, groups([has("first_name", "Anna")]), people[0])
    result = ingest_profiles(account=other_account, records=[{"email": "x@example.com"}], at=AT)
    (theirs,) = result.profile_ids
    for who in (theirs, 987_654_321, "x", "0", "-1", "²", "9" * 30, f"0{people[0].pk}x"):
        assert client.get(f"/segments/{segment.key}/explain/{who}/").status_code == 404, who
    assert client.get(f"/segments/nonono/explain/{people[0].pk}/").status_code == 404
    elsewhere = sign_in(stranger)
    for path in (f"{people[0].pk}/", f"{theirs}/", ""):
        assert elsewhere.get(f"/segments/{segment.key}/explain/{path}").status_code == 404
    assert Client().get(f"/segments/{segment.key}/explain/{people[0].pk}/").status_code == 302
    assert client.post(f"/segments/{segment.key}/explain/{people[0].pk}/").status_code == 405


def test_a_page_asks_few_queries_whatever_there_is(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_of(account, groups([ordered(1)], [SUBSCRIBED]), people[0])

    def query_count() -> int:
        path = f"/segments/{segment.key}/explain/{people[0].pk}/"
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    before = query_count()
    records = [{"email": f"p{n}@example.com"} for n in range(30)]
    ingest_profiles(account=account, records=records, at=AT)
    assert query_count() == before <= 30


def test_texts_are_in_the_person_s_language(
    account: Account, people: list[Profile], viewer: User, sign_in: SignIn
) -> None:
    viewer.language = "sv"
    viewer.save()
    segment = segment_of(account, groups([ordered(1)]), people[0])
    page = page_of(sign_in(viewer), segment, people[0])
    assert 'lang="sv"' in page


def test_days_are_the_account_s(client: Client, account: Account, people: list[Profile]) -> None:
    """The newest order is of 2 February 23:30 UTC: the 3rd in Stockholm, too old on 6 March."""
    Account.objects.filter(pk=account.pk).update(time_zone="America/New_York")
    segment = segment_of(account, groups([ordered(1)]), people[0])
    assert "leaves by itself on 5 Mar 2026, 00:00" in page_of(client, segment, people[0])
