"""Each rule on a small shop: when it speaks, whom it concerns, what its fix gives."""

from __future__ import annotations

import pytest

from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.member_files.request import ExportRequest
from segments.models import Export, Sample
from tests.builders.definitions import (
    Json,
    about,
    at_least,
    both,
    either,
    last,
    never,
    number,
    of_country,
    once,
    text,
    when,
)
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT
from tests.segments.lint.shop import advice, count_after_fix, shop_of_rules

__all__ = ["shop_of_rules"]

pytestmark = pytest.mark.django_db
COUNTRY = "location['country']"
POINTS = "properties['Points']"
SIZE = "properties['Size']"
FIRST = "/condition_groups/0/conditions/0"


@pytest.fixture
def account(shop_of_rules: Account) -> Account:
    return shop_of_rules


def outside(*countries: str) -> list[Json]:
    return [about(COUNTRY, text("not-equals", country)) for country in countries]


def test_negatives_joined_by_or_match_nearly_everyone(account: Account) -> None:
    definition = either(*outside("Sweden", "Norway"))
    each = advice(account, definition)["nearly-everyone"]
    assert (each.pointer, each.people) == ("/condition_groups/0/conditions/1", 180)
    assert each.is_joint
    assert each.fix
    assert each.fix.label == "Make it AND: 0"
    assert count_after_fix(account, definition, each) == 0
    assert "nearly-everyone" not in advice(account, both(*outside("Sweden", "Norway")))


def test_negatives_joined_by_or_stay_in_a_group_with_others(account: Account) -> None:
    definition = either(*outside("Sweden", "Norway"), once("Placed Order"))
    each = advice(account, definition)["nearly-everyone"]
    assert each.fix
    fixed = each.fix.definition(definition)
    assert [list(member) for member in fixed["condition_groups"][0]["conditions"]] == [
        ["condition_groups"],
        list(once("Placed Order")),
    ]


def test_below_not_the_same_is_said_of_the_other_way(account: Account) -> None:
    either_country = either(of_country("Sweden"), of_country("Norway"))
    both_countries = both(of_country("Sweden"), of_country("Norway"))
    assert "contradiction" in advice(account, both_countries)
    assert "always-true" in advice(account, both({"not": both_countries}))
    assert "always-true" not in advice(account, both({"not": either_country}))


def test_a_contradiction_names_both_and_offers_or(account: Account) -> None:
    definition = both(of_country("Sweden"), of_country("Norway"))
    each = advice(account, definition)["contradiction"]
    assert (each.pointer, each.people, each.is_joint) == ("/condition_groups/1", 0, True)
    assert each.sentence.count("whose country is") == 2
    assert count_after_fix(account, definition, each) == 180
    often = both(at_least("Placed Order", 3, last(30)), never("Placed Order"))
    each = advice(account, often)["contradiction"]
    assert each.fix
    assert each.fix.label == "Remove it"
    assert len(each.fix.definition(often)["condition_groups"]) == 1


def test_a_part_that_does_nothing(account: Account) -> None:
    definition = either(
        once("Placed Order"), {"condition_groups": both(*map(of_country, "AB"))["condition_groups"]}
    )
    each = advice(account, definition)["never-met"]
    assert each.pointer == "/condition_groups/0/conditions/1/condition_groups/1"
    definition = both(once("Placed Order"), at_least("Opened Email", 0))
    each = advice(account, definition)["always-met"]
    assert (each.pointer, each.people) == ("/condition_groups/1/conditions/0", 200)
    assert count_after_fix(account, definition, each) == 100


def test_what_is_said_twice_or_follows(account: Account) -> None:
    twice = either(once("Placed Order"), once("Placed Order"))
    each = advice(account, twice)["repeated-condition"]
    assert (each.pointer, each.people) == ("/condition_groups/0/conditions/1", 100)
    assert count_after_fix(account, twice, each) == 100
    narrower = either(once("Opened Email"), at_least("Opened Email", 3, last(30)))
    each = advice(account, narrower)["no-effect"]
    assert (each.pointer, each.people) == ("/condition_groups/0/conditions/1", 50)
    wider = both(once("Opened Email"), at_least("Opened Email", 3, last(30)))
    assert advice(account, wider)["no-effect"].pointer == "/condition_groups/0"


def test_people_without_a_value_are_counted_and_let_in(account: Account) -> None:
    definition = both(of_country("Sweden"))
    each = advice(account, definition)["left-out"]
    assert (each.sentence, each.people) == ("20 people have no country.", 20)
    assert count_after_fix(account, definition, each) == 140
    assert "left-out" not in advice(account, both({"not": of_country("Sweden")})), "they are in"


@pytest.mark.parametrize(
    ("value", "label", "count"),
    [("Swedn", "Use “Sweden” (120 people)", 120), ("sweden", "Ignore case", 120)],
)
def test_a_value_that_never_occurs(account: Account, value: str, label: str, count: int) -> None:
    definition = both(of_country(value))
    each = advice(account, definition)["unknown-value"]
    assert each.fix
    assert (each.fix.label, each.people) == (label, count)
    assert count_after_fix(account, definition, each) == count
    assert "unknown-value" in advice(account, both({"not": of_country(value)}))


def test_unknown_values_of_lists_and_of_events(account: Account) -> None:
    several = both(about(COUNTRY, text("in", ["Sweden", "Norwya"])))
    each = advice(account, several)["unknown-value"]
    assert count_after_fix(account, several, each) == 180
    tags = both(
        about("properties['Tags']", {"type": "list", "operator": "contains", "value": "VPI"})
    )
    assert count_after_fix(account, tags, advice(account, tags)["unknown-value"]) == 199
    campaign = {"property": "Campaign Name", "filter": text("equals", "Sprign")}
    events = both(once("Opened Email", metric_filters=[campaign]))
    each = advice(account, events)["unknown-value"]
    assert each.fix
    assert each.fix.label == "Use “Spring” (300 events)"
    assert count_after_fix(account, events, each) == 150
    assert advice(account, both(of_country("Atlantis")))["unknown-value"].fix is None
    assert "unknown-value" not in advice(account, both(of_country("Sweden")))


def test_a_filter_of_another_type(account: Account) -> None:
    definition = both(about(SIZE, number("equals", 38)))
    each = advice(account, definition)["wrong-type"]
    assert each.sentence == "100 % of the values of Size are texts."
    assert (each.people, count_after_fix(account, definition, each)) == (200, 100)
    points = both(about(POINTS, text("equals", "7")))
    assert count_after_fix(account, points, advice(account, points)["wrong-type"]) == 1
    assert advice(account, both(about(SIZE, number("greater-than", 38))))["wrong-type"].fix is None
    assert "wrong-type" not in advice(account, both(about(POINTS, number("equals", 38))))


def test_a_number_beyond_every_value(account: Account) -> None:
    definition = both(about(POINTS, number("greater-than", 500)))
    each = advice(account, definition)["beyond-values"]
    assert each.sentence == "The largest is 199."
    assert count_after_fix(account, definition, each) == 1
    events = both(at_least("Opened Email", 10))
    assert count_after_fix(account, events, advice(account, events)["beyond-values"]) == 50


def test_a_window_longer_than_the_history_of_its_metric(account: Account) -> None:
    definition = both(once("Placed Order", last(1, "year")))
    each = advice(account, definition)["beyond-history"]
    assert each.sentence.startswith("Placed Order goes back only to ")
    assert count_after_fix(account, definition, each) == 100
    assert "beyond-history" not in advice(account, both(once("Placed Order", last(30))))
    assert "beyond-history" not in advice(account, both(once("Placed Order")))


def test_a_metric_that_fell_silent(account: Account) -> None:
    assert "silent-metric" in advice(account, both(once("Placed Order")))
    assert "silent-metric" not in advice(account, both(once("Opened Email")))
    before = both(once("Placed Order", when("at-least", 50)))
    assert "silent-metric" not in advice(account, before)


def test_openings_by_machines(account: Account) -> None:
    definition = both(at_least("Opened Email", 2))
    each = advice(account, definition)["machine-opens"]
    assert each.sentence == "33 % of these openings are by machines (Apple Privacy Open)."
    assert (each.people, count_after_fix(account, definition, each)) == (50, 50)
    not_opened = both(never("Opened Email"))
    assert advice(account, not_opened)["machine-opens"].people == 0
    by_machine = {
        "property": "Apple Privacy Open",
        "filter": {"type": "boolean", "operator": "equals", "value": True},
    }
    about_machines = both(once("Opened Email", metric_filters=[by_machine]))
    assert "machine-opens" not in advice(account, about_machines)


def test_dates_that_have_not_begun(account: Account) -> None:
    after = {"type": "date", "operator": "after", "date": "2031-05-01"}
    each = advice(account, both(once("Opened Email", after)))["future-dates"]
    assert each.people == 0
    assert "contradiction" not in advice(account, both(once("Opened Email", after)))


def test_a_property_that_few_people_have(account: Account) -> None:
    nickname = both(about("properties['Nickname']", text("equals", "N1")))
    each = advice(account, nickname)["rare-property"]
    assert (each.sentence, each.people) == ("Only 4 people have Nickname.", 4)
    assert "stale-property" not in advice(account, nickname)


def test_a_property_of_profiles_that_have_not_changed_for_a_year(account: Account) -> None:
    Profile.objects.filter(account=account).update(updated="2020-01-01T00:00:00Z")
    each = advice(account, both(about(POINTS, number("greater-than", 5))))["stale-property"]
    assert each.people == 200


def test_few_members_and_many_conditions(account: Account) -> None:
    few = both(of_country("Norway"))
    assert advice(account, few)["too-small"].people == 60
    assert "too-small" not in advice(account, both(of_country("Sweden")))
    points = [about(POINTS, number("greater-than", n)) for n in (191, 192, 193, 194, 195, 196)]
    many = both(*points, about(POINTS, number("greater-than", 198)), once("Placed Order"))
    assert advice(account, many)["too-many-conditions"].people == 1
    assert "too-many-conditions" not in advice(account, both(*points))


def test_members_who_cannot_be_reached(account: Account) -> None:
    definition = both(of_country("Norway"))
    each = advice(account, definition)["unreachable"]
    assert (each.pointer, each.people) == ("", 30)
    assert count_after_fix(account, definition, each) == 30


def test_nearly_the_same_as_another_segment(account: Account) -> None:
    ids = list(account_ids(account))
    almost = new_segment(account, "Swedes", *ids[:118], size=118)
    new_segment(account, "Not yet", *ids[:120], size=120, status="building")
    definition = both(of_country("Sweden"))
    each = advice(account, definition)["same-segment"]
    assert (each.people, each.link) == (118, f"/segments/{almost.key}/")
    assert "98 % the same people as the segment “Swedes”" in each.sentence
    assert "same-segment" not in advice(account, definition, almost.key), "it is itself"
    assert "same-segment" not in advice(account, both(of_country("Norway")))


def test_a_segment_in_use_of_which_no_sample_was_drawn(account: Account) -> None:
    segment = new_segment(account, "Swedes")
    definition = both(of_country("Sweden"))
    assert "not-tested" not in advice(account, definition, segment.key), "not in use"
    request = ExportRequest(("id",)).as_json()
    Export.objects.create(account=account, segment=segment, request=request, created=AT)
    assert "not-tested" in advice(account, definition, segment.key)
    Sample.objects.create(
        account=account, segment=segment, segment_name="Swedes", seed=1, created=AT
    )
    assert "not-tested" not in advice(account, definition, segment.key)


def account_ids(account: Account) -> list[int]:
    rows = Profile.objects.filter(account=account).order_by("pk")
    return [row.pk for row in rows if int((row.external_id or "p0")[1:]) < 120]
