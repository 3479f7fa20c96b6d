"""A portrait shows what sets members apart, with the counts of the database, and no noise."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.compare.candidates import Topic
from segments.compare.portrait import MOST_BARS, portrait
from segments.engine.small_groups import LEAST_PEOPLE
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db

CROWD = 120
EMPTY: dict[str, Any] = {
    "condition_groups": [
        {
            "conditions": [
                {
                    "type": "profile-property",
                    "property": "email",
                    "filter": {"type": "existence", "operator": "is-set"},
                }
            ]
        }
    ]
}


@pytest.fixture
def crowd(account: Account) -> list[int]:
    """Of 120 people every third lives in Norway, who like tea and opened twice; a coin for others.

    `Coin` is drawn, `Serial` is of one person each.
    """
    dice = random.Random(7)
    records: list[dict[str, Any]] = [
        {
            "email": f"p{i}@example.com",
            "location": {"country": "Norway" if i % 3 == 0 else "Sweden"},
            "properties": {
                "Coin": dice.choice(["heads", "tails"]),
                "Serial": f"S{i}",
                "Likes": ["tea", "cups"] if i % 3 == 0 else ["coffee"],
                "Points": float(i),
                "Member": i % 3 == 0,
            },
        }
        for i in range(CROWD)
    ]
    outcome = ingest_profiles(account=account, records=records, at=AT)
    ingest_events(
        account=account,
        records=[
            {
                "metric": "Opened Email",
                "time": f"2026-02-1{n}T10:00:00Z",
                "unique_id": f"{i}-{n}",
                "profile": {"email": f"p{i}@example.com"},
            }
            for i in range(CROWD)
            for n in range(2 if i % 3 == 0 else 1)
        ],
        at=AT,
    )
    return [pk for pk in outcome.profile_ids if pk is not None]


@pytest.fixture
def norwegians(account: Account, crowd: list[int]) -> Segment:
    """30 of the 40 in Norway, and 5 of those in Sweden."""
    members = [*crowd[0:90:3], *crowd[1:16:3]]
    return new_segment(account, "Friends", *members, as_of=AT, size=len(members), definition=EMPTY)


def test_what_sets_members_apart_comes_first(norwegians: Segment) -> None:
    picture = portrait(norwegians, AT)
    clauses = [trait.clause for trait in picture.bars]
    assert clauses[0] == "whose country is “Norway”"
    assert not any("Coin" in clause or "Serial" in clause for clause in clauses)
    assert all(trait.share.lift > 1 for trait in picture.bars)
    assert len(picture.bars) <= MOST_BARS


def test_shares_are_the_counts_of_the_database(norwegians: Segment) -> None:
    trait = next(t for t in portrait(norwegians, AT).bars if t.topic is Topic.PLACE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE m.profile_id IS NOT NULL AND p.country = 'Norway'),"
            " count(m.profile_id), count(*) FILTER (WHERE p.country = 'Norway'), count(*)"
            " FROM profiles_profile p LEFT JOIN segments_membership m"
            " ON m.profile_id = p.id AND m.segment_id = %s WHERE p.account_id = %s",
            [norwegians.pk, norwegians.account_id],
        )
        row = cursor.fetchone()
    share = trait.share
    assert (share.inside, share.size, share.everyone, share.total) == row == (30, 35, 40, 120)


def test_a_random_segment_has_no_traits(account: Account, crowd: list[int]) -> None:
    for seed in range(5):
        members = random.Random(seed).sample(crowd, 40)
        segment = new_segment(account, f"Random {seed}", *members, definition=EMPTY)
        picture = portrait(segment, AT)
        assert (picture.bars, picture.others) == ((), ()), seed
        assert picture.tests > 10


def test_what_the_definition_asks_about_is_no_surprise(account: Account, crowd: list[int]) -> None:
    country = {
        "type": "profile-property",
        "property": "location['country']",
        "filter": {"type": "string", "operator": "equals", "value": "Norway"},
    }
    segment = new_segment(
        account,
        "Norway",
        *crowd[::3],
        definition={"condition_groups": [{"conditions": [country]}]},
    )
    picture = portrait(segment, AT)
    assert not any("country" in trait.clause for trait in picture.bars)
    assert [trait.clause for trait in picture.others if trait.is_of_definition] == [
        "whose country is “Norway”"
    ]


def test_nothing_is_said_of_few_people(account: Account, crowd: list[int]) -> None:
    few = new_segment(account, "Few", *crowd[: LEAST_PEOPLE - 1], definition=EMPTY)
    picture = portrait(few, AT)
    assert picture.is_too_small
    assert (picture.bars, picture.figures, picture.reach) == ((), (), ())
    enough = new_segment(account, "Enough", *crowd[:LEAST_PEOPLE], definition=EMPTY)
    picture = portrait(enough, AT)
    assert all(t.share.inside >= LEAST_PEOPLE for t in (*picture.bars, *picture.others))


# --- pages ---------------------------------------------------------------------------------------


def figures(client: Client, segment: Segment) -> Any:
    response = client.get(f"/segments/{segment.key}/portrait/figures")
    assert response.status_code == 200
    return response


def test_each_bar_is_added_to_the_definition_and_counted_alone(
    marketer: User, sign_in: SignIn, norwegians: Segment
) -> None:
    client = sign_in(marketer)
    page = client.get(f"/segments/{norwegians.key}/portrait").content.decode()
    assert f'hx-get="/segments/{norwegians.key}/portrait/figures"' in page
    for row in figures(client, norwegians).context["bars"]:
        add = parse_qs(urlsplit(row["add"]).query)
        assert add["name"][0].startswith("Friends, ")
        assert client.get(row["add"]).status_code == 200
        assert client.get(row["alone"]).status_code == 200


def test_a_viewer_sees_the_portrait_without_what_builds(
    viewer: User, sign_in: SignIn, norwegians: Segment
) -> None:
    text = figures(sign_in(viewer), norwegians).content.decode()
    assert "whose country is “Norway”" in text
    assert "/segments/new" not in text
    assert "style=" not in text


def test_the_members_of_a_frozen_definition_are_built_upon_instead(
    marketer: User, sign_in: SignIn, norwegians: Segment
) -> None:
    Segment.objects.filter(pk=norwegians.pk).update(definition={"rubbish": 1}, status="frozen")
    row = figures(sign_in(marketer), norwegians).context["bars"][0]
    assert norwegians.key in parse_qs(urlsplit(row["add"]).query)["definition"][0]


def test_it_is_said_why_there_is_nothing_to_see(
    viewer: User, sign_in: SignIn, account: Account, crowd: list[int]
) -> None:
    client = sign_in(viewer)
    nobody = new_segment(account, "Nobody", definition=EMPTY)
    one = new_segment(account, "One", crowd[0], definition=EMPTY)
    for segment in (nobody, one):
        text = figures(client, segment).content.decode()
        assert "A portrait needs at least 10 people" in " ".join(text.split())
    everyone = new_segment(account, "All", *crowd, definition=EMPTY)
    assert "Everyone is in this segment" in figures(client, everyone).content.decode()
    dull = new_segment(account, "Dull", *random.Random(1).sample(crowd, 40), definition=EMPTY)
    assert "Nothing sets them apart" in figures(client, dull).content.decode()


def test_people_who_are_deleted_are_counted_nowhere(
    account: Account, crowd: list[int], norwegians: Segment
) -> None:
    Profile.objects.filter(pk=crowd[0]).delete()
    picture = portrait(norwegians, AT)
    assert (picture.size, picture.total) == (34, CROWD - 1)


def test_a_stranger_finds_no_portrait(stranger: User, sign_in: SignIn, norwegians: Segment) -> None:
    client = sign_in(stranger)
    for path in ("portrait", "portrait/figures"):
        assert client.get(f"/segments/{norwegians.key}/{path}").status_code == 404
