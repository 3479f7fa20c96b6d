"""The pages that compare segments: what they show, and to whom."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment, SegmentStatus
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(account: Account, people: list[Profile]) -> list[Segment]:
    """Anna and Bo are VIPs; Bo and the phone number get news."""
    anna, bo, phone = (person.pk for person in people)
    return [
        new_segment(account, "VIP", anna, bo, as_of=AT, size=2),
        new_segment(account, "News & more", bo, phone, as_of=AT, size=2),
    ]


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def compare(*segments: Segment) -> str:
    return "/segments/compare?" + "&".join(f"s={segment.key}" for segment in segments)


def test_every_part_leads_to_its_people_and_to_a_segment_of_them(
    marketer: User, sign_in: SignIn, pair: list[Segment]
) -> None:
    client = sign_in(marketer)
    response = client.get(compare(*pair))
    rows = response.context["regions"]
    assert {row["title"]: row["region"].count for row in rows} == {
        "Only in News & more": 1,
        "In VIP and News & more": 1,
        "Only in VIP": 1,
    }
    for row in rows:
        some = client.get(f"/segments/compare/people?{row['people']}").context["page"]
        assert some.count == row["region"].count
        query = parse_qs(urlsplit(row["builder"]).query)
        builder = page(client, row["builder"])
        assert query["name"][0]
        assert len(json.loads(query["definition"][0])["condition_groups"]) in (1, 2)
        assert "profile-group-membership" in builder


def test_the_picture_and_the_tables_have_the_same_counts(
    viewer: User, sign_in: SignIn, pair: list[Segment]
) -> None:
    text = page(sign_in(viewer), compare(*pair))
    assert "3 people are in VIP or News &amp; more. The table has all figures." in text
    assert "33.3 %" in text
    assert "Make a segment" not in text
    assert "style=" not in text


def test_the_tab_compares_the_segment_with_others(
    viewer: User, sign_in: SignIn, pair: list[Segment]
) -> None:
    vip, news = pair
    client = sign_in(viewer)
    alone = page(client, f"/segments/{vip.key}/overlap")
    assert 'aria-current="page">Overlap' in alone
    assert "1 person" in page(client, f"/segments/{vip.key}/overlap?s={news.key}")


def test_it_is_said_what_is_gone_frozen_building_or_too_many(
    viewer: User, sign_in: SignIn, account: Account
) -> None:
    client = sign_in(viewer)
    frozen = new_segment(account, "Ice", status=SegmentStatus.FROZEN, as_of=AT)
    new = new_segment(account, "New", status=SegmentStatus.BUILDING)
    again = new_segment(account, "Again", status=SegmentStatus.BUILDING, as_of=AT)
    off = new_segment(account, "Off", is_active=False, as_of=AT)
    text = page(client, compare(frozen, new, again, off) + "&s=Wrong1&s=Wrong2")
    assert "2 segments of this link no longer exist." in text
    assert "“Ice” is frozen: its members are those of 1 Mar 2026, 13:00." in text
    assert "“New” is being built for the first time: nobody is in it yet." in text
    assert "“Again” is being built: its members are those of before." in text
    assert "“Off” is inactive: its members are those of 1 Mar 2026, 13:00." in text
    assert "Nobody is in any of these segments." in text
    many = [new_segment(account, f"S{i}", as_of=AT) for i in range(7)]
    assert "At most 6 segments can be compared" in page(client, compare(*many))


def test_nothing_chosen_is_a_page_that_asks_for_segments(
    viewer: User, sign_in: SignIn, account: Account
) -> None:
    text = page(sign_in(viewer), "/segments/compare")
    assert "Choose two to six segments" in text


def test_a_search_keeps_what_was_ticked(viewer: User, sign_in: SignIn, pair: list[Segment]) -> None:
    vip, news = pair
    text = page(sign_in(viewer), f"/segments/compare/choices?q=nothing&s={vip.key}")
    assert f'value="{vip.key}" checked' in text
    assert news.key not in text


def test_who_can_be_reached_is_counted_for_each_segment_and_everyone(
    viewer: User, sign_in: SignIn, pair: list[Segment]
) -> None:
    keys = "&".join(f"s={segment.key}" for segment in pair)
    rows = sign_in(viewer).get(f"/segments/compare/reach?{keys}").context["rows"]
    numbers = [[n for _label, n, _share in row["cells"]] for row in rows]
    assert numbers == [[1, 0, 0, 1], [0, 0, 0, 2], [1, 0, 0, 2]]


def test_a_stranger_sees_no_segment_and_no_people(
    stranger: User, sign_in: SignIn, pair: list[Segment]
) -> None:
    client = sign_in(stranger)
    vip, _news = pair
    text = page(client, compare(*pair))
    assert "VIP" not in text
    assert "2 segments of this link no longer exist." in text
    page(client, f"/segments/{vip.key}/overlap", 404)
    page(client, f"/segments/compare/people?in={vip.key}", 404)
    assert "VIP" not in page(client, f"/segments/compare/reach?s={vip.key}")


@pytest.mark.parametrize("query", ["", "in=Wrong1", "in={vip}&out={vip}", "in={vip}&in=Wrong1"])
def test_people_of_an_impossible_region_are_not_there(
    viewer: User, sign_in: SignIn, pair: list[Segment], query: str
) -> None:
    page(sign_in(viewer), f"/segments/compare/people?{query.format(vip=pair[0].key)}", 404)


def test_rubbish_as_a_cursor_is_the_first_page(
    viewer: User, sign_in: SignIn, pair: list[Segment]
) -> None:
    path = f"/segments/compare/people?in={pair[0].key}"
    for cursor in ("after=x", "before=-1", "after=99999999999999999999999", "before=²"):
        assert len(sign_in(viewer).get(f"{path}&{cursor}").context["page"].people) == 2


@pytest.mark.parametrize("language", ["sv", "pl"])
def test_the_pages_are_drawn_in_every_language(
    marketer: User, sign_in: SignIn, pair: list[Segment], language: str
) -> None:
    client = sign_in(marketer)
    client.cookies["django_language"] = language
    assert f'lang="{language}"' in page(client, compare(*pair))
