"""Who would have been in a definition at a past instant, held against the oracle and the ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.ingest.erase import erase
from profiles.lists.editing import add_to_list, remove_from_list
from profiles.models import List, ListMember, ListRemoval, Metric, Profile
from segmenter.accounts.models import Account
from segments.definition.codec import decode
from segments.definition.tree import Unsupported
from segments.engine.growth import members_on
from segments.engine.past import Past
from segments.engine.queries import resolve_names
from tests.builders.definitions import Json, both, either, in_group, never, of_country, once, when
from tests.builders.shops import new_segment
from tests.draws import draws
from tests.live.life_choices import Thrown, with_keys
from tests.live.steps import did, events, new_account, people, profile_id, segment, settle
from tests.live.stored import iso, stored_world
from tests.oracle import draw_facts, kinds, pools
from tests.oracle.dice import Dice
from tests.oracle.focus import focus_on
from tests.oracle.oracle import members
from tests.oracle.world import World

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
WITH_PAST = (
    "profile-metric",
    "profile-metric-ratio",
    "profile-metric-funnel",
    "profile-group-membership",
    "profile-sample",
)
_numbers = count()


def past_names(account: Account, definition: Json, at: datetime) -> set[str]:
    """The external ids of those who would have been in."""
    ids = Past(account).members(decode(definition), at).tolist()
    return {person.external_id or "" for person in Profile.objects.filter(pk__in=ids)}


# --- against the oracle --------------------------------------------------------------------------


def world_at(account: Account, at: datetime, lists: set[str]) -> tuple[World, set[int]]:
    """The facts of an account as they were at an instant, and who was known then.

    Written from the description: events until then, who was on a list then, and nobody who was
    known only later. Of lists, only those that the definition asks for make somebody known.
    """
    world = stored_world(account, at)
    moment = iso(at) or ""
    done = {
        key: [event for event in log if event["time"] <= moment] for key, log in world.done.items()
    }
    number = {int(id_): index for index, id_ in enumerate(world.ids)}
    stays: dict[int, list[Json]] = defaultdict(list)
    for row in ListMember.objects.filter(account=account, joined__lte=at).select_related("list"):
        stays[number[row.profile_id]].append({"name": row.list.key, "joined": iso(row.joined)})
    ended = ListRemoval.objects.filter(account=account, joined__lte=at, removed__gt=at)
    for stay in ended.select_related("list"):
        if stay.profile_id in number:
            row_of = {"name": stay.list.key, "joined": iso(stay.joined)}
            stays[number[stay.profile_id]].append(row_of)
    known = {index for index, person in enumerate(world.people) if person["created"] <= moment}
    known |= {person for (person, _metric), log in done.items() if log}
    known |= {who for who, rows in stays.items() if any(row["name"] in lists for row in rows)}
    crowd = [{**person, "lists": stays[index]} for index, person in enumerate(world.people)]
    return replace(world, people=crowd, done=done, entered={}), known


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, list[Json], list[int], list[datetime], str]:
    """A world, two definitions of which the second may ask for the first, and past instants."""
    dice = Dice(draw)
    zone = dice.one(pools.ZONES)
    at = draw_facts.moment(dice, zone)

    def condition(segments: list[str]) -> Json:
        name = dice.one(WITH_PAST)
        member = kinds.KINDS[name].draw(dice, at, zone, segments)
        return {"not": member} if dice.chance(4) else member

    def definition(segments: list[str]) -> Json:
        return both(*(condition(segments) for _ in range(1 + dice.up_to(1))))

    trees = [definition([]), definition(["S"])]
    dice.focus = focus_on(trees, zone)
    parts = frozenset({"identity", "lists", "events"})
    world = draw_facts.facts(dice, at, zone, parts)
    removed = [index for index in range(len(world.people)) if dice.chance(3)]
    instants = [draw_facts.instant_near(dice, at, zone, future=False) for _ in range(4)]
    return world, trees, removed, instants, draw_facts.iso(at)


@settings(
    max_examples=draws(25, nightly=600), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(histories())
def test_any_past_instant_is_answered_as_the_oracle_would_have(
    db: None, history: tuple[World, list[Json], list[int], list[datetime], str]
) -> None:
    world, trees, removed, instants, at_text = history
    at = datetime.fromisoformat(at_text)
    account = new_account(
        world.zone, at, slug=f"past-{next(_numbers)}", metrics=pools.METRICS, lists=pools.LISTS
    )
    ids = people(account, at, *world.people)
    events(account, at, *world.events)
    for index in removed:
        for row in ListMember.objects.filter(profile_id=ids[index]).select_related("list")[:1]:
            remove_from_list(account=account, key=row.list.key, profile_ids=[ids[index]], at=at)
    ListRemoval.objects.filter(account=account).update(removed=at - 10 * DAY)
    keys = dict(Metric.objects.filter(account=account).values_list("name", "key"))
    keys |= dict(List.objects.filter(account=account).values_list("name", "key"))
    first = with_keys(trees[0], keys)
    keys["S"] = new_segment(account, "First", definition=first).key
    second = with_keys(trees[1], keys)
    past = Past(account)
    for definition in (first, second):
        tree, text = decode(definition), json.dumps([first, definition])
        if definition is first or keys["S"] not in text:
            text = json.dumps(definition)
        lists = {keys[name] for name in pools.LISTS if keys[name] in text}
        if past.without_past(tree) is not None:
            with pytest.raises(Unsupported):
                past.members(tree, at)
            continue
        for instant in instants:
            then, known = world_at(account, instant, lists)
            expected = {int(then.ids[person]) for person in members(definition, then, instant)}
            expected &= {int(then.ids[person]) for person in known}
            assert set(past.members(tree, instant).tolist()) == expected


# --- against the ledger --------------------------------------------------------------------------


@settings(max_examples=draws(6, nightly=60), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_from_its_creation_on_it_equals_the_ledger(db: None, seed: int) -> None:
    dice = Thrown(seed)
    account = new_account("Europe/Stockholm", AT - DAY, slug=f"ledger-{next(_numbers)}")
    crowd = [f"p{number}" for number in range(4)]
    ids = people(account, AT - DAY, *({"external_id": who} for who in crowd))
    letter = List.objects.get(account=account, name="Letter").key
    recent = segment(account, AT, "Recent", once("Bought", when("in-the-last", 3)))
    quiet = segment(
        account, AT, "Quiet", never("Viewed", when("in-the-last", 2)), in_group("Letter")
    )
    inner = segment(account, AT, "Recent readers", in_group("Recent"), in_group("Letter"))
    moments = []
    for step in range(1, 13):
        at = AT + step * timedelta(hours=13)
        for index, who in enumerate(crowd):
            match dice.up_to(5):
                case 0:
                    events(account, at, did(dice.one(["Bought", "Viewed"]), who, at))
                case 1:
                    add_to_list(account=account, key=letter, profile_ids=[ids[index]], at=at)
                case 2:
                    remove_from_list(account=account, key=letter, profile_ids=[ids[index]], at=at)
        settle(account, at)
        moments.append(at)
    past = Past(account)
    for one in (recent, quiet, inner):
        tree = decode(one.definition)
        for at in moments:
            ledger = members_on(one, at, limit=50)
            assert past.members(tree, at).tolist() == list(ledger.ids), (one.name, at)


# --- worked out by hand --------------------------------------------------------------------------


@pytest.fixture
def live(db: None) -> Account:
    return new_account("UTC", AT)


def test_events_after_the_instant_do_not_count(live: Account) -> None:
    people(live, AT, {"external_id": "anna"}, {"external_id": "bo"})
    events(live, AT, did("Bought", "anna", AT - 20 * DAY), did("Bought", "bo", AT - 5 * DAY))
    bought = resolve_names(live, both(once("Bought", when("in-the-last", 30))))
    assert past_names(live, bought, AT - 21 * DAY) == set()
    assert past_names(live, bought, AT - 20 * DAY) == {"anna"}
    assert past_names(live, bought, AT - 5 * DAY) == {"anna", "bo"}


def test_an_event_dated_ahead_counts_from_its_time_on(live: Account) -> None:
    people(live, AT - 10 * DAY, {"external_id": "anna"})
    events(live, AT - 9 * DAY, did("Bought", "anna", AT - 3 * DAY))
    bought = resolve_names(live, both(once("Bought")))
    assert past_names(live, bought, AT - 4 * DAY) == set()
    assert past_names(live, bought, AT - 3 * DAY) == {"anna"}


def test_who_was_not_known_yet_had_not_done_nothing(live: Account) -> None:
    people(live, AT, {"external_id": "anna"}, {"external_id": "bo"})
    events(live, AT, did("Viewed", "anna", AT - 20 * DAY))
    quiet = resolve_names(live, both(never("Bought")))
    assert past_names(live, quiet, AT - 21 * DAY) == set()
    assert past_names(live, quiet, AT - 20 * DAY) == {"anna"}
    assert past_names(live, quiet, AT) == {"anna", "bo"}


def test_a_list_is_as_it_was_before_somebody_was_taken_off(live: Account) -> None:
    since = (AT - 20 * DAY).isoformat()
    people(live, AT, {"external_id": "anna", "lists": [{"name": "Letter", "joined": since}]})
    letter = List.objects.get(account=live, name="Letter")
    anna = profile_id(live, "anna")
    remove_from_list(account=live, key=letter.key, profile_ids=[anna], at=AT + DAY)
    readers = resolve_names(live, both(in_group("Letter")))
    assert past_names(live, readers, AT - 21 * DAY) == set()
    assert past_names(live, readers, AT) == {"anna"}
    assert past_names(live, readers, AT + DAY) == set()


def test_the_rows_of_an_erased_person_name_nobody(live: Account) -> None:
    since = (AT - 20 * DAY).isoformat()
    people(live, AT, {"external_id": "anna", "lists": [{"name": "Letter", "joined": since}]})
    erase(account=live, profile_id=profile_id(live, "anna"), at=AT + DAY)
    assert ListRemoval.objects.get(account=live).removed == AT + DAY
    assert past_names(live, resolve_names(live, both(in_group("Letter"))), AT) == set()


NO_PAST: list[tuple[str, Json]] = [
    ("a property", of_country("Sweden")),
    (
        "consent",
        {
            "type": "profile-marketing-consent",
            "consent": {
                "channel": "email",
                "can_receive_marketing": True,
                "consent_status": {"subscription": "any"},
            },
        },
    ),
    ("what is to come", once("Bought", when("in-the-next", 7))),
    ("the time of entering a segment", in_group("Recent", timeframe=when("in-the-last", 7))),
]


@pytest.mark.parametrize(("what", "condition"), NO_PAST, ids=[what for what, _ in NO_PAST])
def test_what_is_only_known_as_it_is_now_has_no_past(
    live: Account, what: str, condition: Json
) -> None:
    segment(live, AT, "Recent", once("Bought"))
    tree = decode(resolve_names(live, either(once("Bought"), condition)))
    past = Past(live)
    without = past.without_past(tree)
    assert without is not None, what
    assert without.type == condition["type"]
    with pytest.raises(Unsupported):
        past.members(tree, AT)


def test_segments_that_refer_to_each_other_many_times_are_looked_at_once(live: Account) -> None:
    below = [segment(live, AT, "0a", once("Bought")), segment(live, AT, "0b", once("Bought"))]
    for level in range(1, 30):
        both_below = in_group(*(each.name for each in below))
        names = (f"{level}a", f"{level}b")
        below = [segment(live, AT, name, both_below, both_below) for name in names]
    past = Past(live)
    tree = decode(below[0].definition)
    assert past.without_past(tree) is None
    assert past.lists_of(tree) == frozenset()
    assert past.size(tree, AT) == 0
