"""Evidence of each kind for one person, worked out by hand: the value or events that decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from segments.definition.evidence import Belongs, Chain, Evidence, Happened, KnownValue
from segments.definition.needs import (
    MoreEvents,
    MoreValue,
    MustJoin,
    MustLeave,
    MustNotBeSuppressed,
    MustPass,
    MustSet,
    MustSubscribe,
    MustUnsubscribe,
    NextStep,
    OneEvent,
    TooLate,
)
from tests.builders.definitions import last, number, text
from tests.oracle.world import World
from tests.segments.definition.sentences import KeysAreNames, all_time
from tests.segments.memory import population
from tests.segments.variants import as_condition

Json = dict[str, Any]
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
FRAME = {"type": "date", "operator": "between-static", "start": "2026-01-01", "end": "2026-11-30"}


def evidence(
    condition: Json, person: Json | None = None, *events: Json, prediction: Json | None = None
) -> Evidence:
    """The evidence of a condition for one person with these events."""
    whole = {"external_id": "1", "created": "2026-01-01T00:00:00Z", **(person or {})}
    did = [
        {**e, "unique_id": str(i), "profile": {"external_id": "1"}} for i, e in enumerate(events)
    ]
    world = World([whole], did, predictions=[prediction or {}], ids=["4"])
    return as_condition(condition).evidence(population(world), AT, KeysAreNames())


def values_of(reasons: Evidence) -> dict[str, Any]:
    return {item.name: item.value for item in reasons.items if isinstance(item, KnownValue)}


def bought(day: str, value: float | None = None, **properties: Any) -> Json:
    time = f"2026-{day}T09:00:00Z"
    return {"metric": "Bought", "time": time, "value": value, "properties": properties}


def clicked(day: str) -> Json:
    return bought(day) | {"metric": "Clicked"}


def metric(measurement: str, how: Json, when: Json, **more: Any) -> Json:
    return {
        "type": "profile-metric",
        "metric_id": "Bought",
        "measurement": measurement,
        "measurement_filter": how,
        "timeframe_filter": when,
        **more,
    }


def at_least(value: float) -> Json:
    return number("greater-than-or-equal", value)


# --- what someone has done -----------------------------------------------------------------------


def test_events_that_count_and_those_just_outside() -> None:
    condition = metric("count", at_least(2), last(90, "day"))
    reasons = evidence(condition, None, bought("08-01", 5), bought("11-20", 7), bought("02-01"))
    (item,) = reasons.items
    assert isinstance(item, Happened)
    assert (item.metric, item.count, item.total) == ("Bought", 1, 3)
    assert item.start == datetime(2026, 8, 24, tzinfo=UTC)
    assert [(e.time.date().isoformat(), e.days_ago, e.value) for e in item.newest] == [
        ("2026-11-20", 2, 7.0)
    ]
    assert [(e.days_ago, e.in_time) for e in item.near] == [(113, False), (294, False)]
    assert reasons.needs == (MoreEvents("Bought", 1),)


def test_the_properties_that_were_asked_about() -> None:
    red = [{"property": "Colour", "filter": text("equals", "red")}]
    condition = metric("count", at_least(1), all_time(), metric_filters=red)
    reasons = evidence(condition, None, bought("11-20", Colour="blue"), bought("11-19"))
    (item,) = reasons.items
    assert isinstance(item, Happened)
    assert [[(t.name, t.value, t.test, t.met) for t in e.tested] for e in item.near] == [
        [("Colour", "blue", "is “red”", False)],
        [("Colour", None, "is “red”", False)],
    ]
    assert reasons.needs == (MoreEvents("Bought", 1, where="Colour is “red”"),)


def test_amounts_and_what_lacks_of_them() -> None:
    orders = bought("11-20", 20), bought("11-10", 9.5)
    until = datetime(2026, 12, 1, tzinfo=UTC)
    reasons = evidence(metric("sum", at_least(100), FRAME), None, *orders)
    assert reasons.items[0].amount == "29.5"  # type: ignore[union-attr]
    assert reasons.items[0].measure == "sum of value"  # type: ignore[union-attr]
    assert reasons.needs == (MoreValue("Bought", 70.5, "value", exceeds=False, until=until),)
    more = evidence(metric("sum", number("greater-than", 29.5), all_time()), None, *orders)
    assert more.needs == (MoreValue("Bought", 0, "value", exceeds=True),)
    largest = evidence(metric("maximum", at_least(50), all_time()), None, *orders)
    assert largest.needs == (OneEvent("Bought", "value", "is at least 50"),)
    assert evidence(metric("minimum", at_least(15), all_time()), None, *orders).needs == ()
    smallest = evidence(metric("minimum", number("less-than", 9), all_time()), None, *orders)
    assert smallest.needs == (OneEvent("Bought", "value", "is less than 9"),)
    assert evidence(metric("average", at_least(15), all_time()), None, *orders).needs == ()
    nothing = evidence(metric("average", at_least(15), all_time()))
    assert nothing.items[0].measured is None  # type: ignore[union-attr]
    assert nothing.needs == (OneEvent("Bought", "value", "is at least 15"),)
    different = metric("distinct", at_least(3), all_time(), measurement_property="Colour")
    colours = bought("11-20", Colour="red"), bought("11-10", Colour="blue")
    assert evidence(different, None, *colours).needs == (
        MoreEvents("Bought", 1, distinct="Colour"),
    )


def test_where_nothing_can_be_done_nothing_is_asked() -> None:
    orders = bought("11-20"), bought("11-19")
    assert evidence(metric("count", number("equals", 0), all_time()), None, *orders).needs == ()
    long_ago = {"type": "date", "operator": "at-least", "quantity": 5, "unit": "day"}
    assert evidence(metric("count", at_least(1), long_ago)).needs == ()
    over = FRAME | {"end": "2026-10-31"}
    ended = datetime(2026, 11, 1, tzinfo=UTC)
    assert evidence(metric("count", at_least(1), over)).needs == (TooLate(ended),)
    assert evidence(metric("count", at_least(1), all_time()), None, *orders).needs == ()


def funnel(*steps: tuple[bool, str]) -> Json:
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": all_time(),
        "completion_window_seconds": 14 * 86_400,
        "steps": [{"metric_exists": exists, "metric_id": name} for exists, name in steps],
    }


def chain_of(reasons: Evidence) -> Chain:
    chain = reasons.items[0]
    assert isinstance(chain, Chain)
    return chain


def test_a_chain_tells_how_far_it_came() -> None:
    then = funnel((True, "Clicked"), (True, "Bought"))
    whole = evidence(then, None, clicked("11-01"), clicked("11-18"), bought("11-19"))
    assert chain_of(whole).complete
    assert [link.time.day for link in chain_of(whole).links if link.time] == [18, 19]
    assert whole.needs == ()
    half = evidence(then, None, clicked("11-01"), clicked("11-18"))
    ends = datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert chain_of(half).ends == ends
    assert [link.done for link in chain_of(half).links] == [True, False]
    assert half.needs == (NextStep("Bought", until=ends),)
    assert evidence(then, None, clicked("09-01")).needs == ()
    assert evidence(then).needs == (MoreEvents("Clicked", 1),)


def test_a_chain_tells_what_is_in_the_way() -> None:
    then_not = funnel((True, "Clicked"), (False, "Bought"))
    hindered = evidence(then_not, None, clicked("10-01"), bought("10-03"))
    link = chain_of(hindered).links[1]
    assert (link.done, link.time) == (False, datetime(2026, 10, 3, 9, tzinfo=UTC))
    assert hindered.needs == ()
    open_ = evidence(then_not, None, clicked("11-18"))
    assert [link.done for link in chain_of(open_).links] == [True, None]
    assert chain_of(open_).ends == datetime(2026, 12, 2, 9, tzinfo=UTC)


def test_a_ratio_and_both_its_sides() -> None:
    condition = {
        "type": "profile-metric-ratio",
        "numerator": {"metric_id": "Clicked"},
        "denominator": {"metric_id": "Bought"},
        "timeframe_filter": all_time(),
        "filter": number("equals", 1),
    }
    reasons = evidence(condition, None, clicked("11-01"), bought("11-01"), bought("11-02"))
    ratio, above, below = reasons.items
    assert (ratio.value, ratio.met) == (0.5, False)  # type: ignore[union-attr]
    assert (above.count, below.count) == (1, 2)  # type: ignore[union-attr]
    assert values_of(evidence(condition)) == {"ratio": None}


# --- who someone is ------------------------------------------------------------------------------


def has(name: str, filter: Json) -> Json:
    return {"type": "profile-property", "property": name, "filter": filter}


def test_a_property_and_that_it_is_unset() -> None:
    condition = has("location['country']", text("equals", "Norway"))
    reasons = evidence(condition, {"location": {"country": "Sweden"}})
    assert reasons.items == (KnownValue("country", "Sweden", "is “Norway”", met=False),)
    assert reasons.needs == (MustPass("country", "is “Norway”"),)
    assert values_of(evidence(condition)) == {"country": None}
    is_set = has("properties['Size']", {"type": "existence", "operator": "is-set"})
    assert evidence(is_set).needs == (MustSet("Size"),)
    assert evidence(is_set, {"properties": {"Size": ["S", 4]}}).items[0].text == "“S”, 4"  # type: ignore[union-attr]
    created = has("created", last(3, "day"))
    assert values_of(evidence(created)) == {"date of creation": datetime(2026, 1, 1, tzinfo=UTC)}
    assert evidence(created).needs == ()


def test_since_when_on_a_list() -> None:
    condition = {"type": "profile-group-membership", "is_member": True, "group_ids": ["A", "B"]}
    person = {"lists": [{"name": "B", "joined": "2026-10-01T00:00:00Z"}]}
    since = datetime(2026, 10, 1, tzinfo=UTC)
    reasons = evidence(condition, person)
    assert reasons.items == (Belongs("A", None, met=False), Belongs("B", since, met=True))
    assert evidence(condition).needs == (MustJoin(("A", "B")),)
    out = condition | {"is_member": False}
    assert evidence(out, person).needs == (MustLeave(("B",)),)
    lately = condition | {"timeframe_filter": last(3, "day")}
    assert evidence(lately, person).items[1] == Belongs("B", since, "in the last 3 days", met=False)
    assert evidence(lately, person).needs == ()


def test_where_someone_lives() -> None:
    region = {"type": "profile-region", "in_region": True, "region": "european_union"}
    assert values_of(evidence(region, {"location": {"country": "Norway"}})) == {"country": "Norway"}
    assert evidence(region).needs == (MustSet("country"),)
    distance = {
        "type": "profile-location-distance",
        "latitude": 42.36,
        "longitude": -71.06,
        "label": "Boston",
        "unit": "miles",
        "filter": number("less-than", 48),
    }
    here = {"location": {"latitude": 40.71, "longitude": -74.01}}
    (item,) = evidence(distance, here).items
    assert isinstance(item, KnownValue)
    assert (item.name, item.text) == ("distance from Boston", "190.4 miles")
    assert (item.test, item.met) == ("must be less than 48 miles", False)
    assert evidence(distance).needs == (MustSet("place"),)
    postcode = {
        "type": "profile-postal-code-distance",
        "country_code": "SWE",
        "postal_code": "791 70",
        "unit": "kilometers",
        "filter": number("less-than", 48),
    }
    assert list(values_of(evidence(postcode, here))) == ["distance from 791 70"]


def test_a_prediction_and_a_bucket() -> None:
    churn = {
        "type": "profile-predictive-analytics",
        "dimension": "churn_probability",
        "filter": at_least(0.75),
    }
    assert values_of(evidence(churn, prediction={"churn_probability": 0.5})) == {"churn risk": 0.5}
    assert values_of(evidence(churn)) == {"churn risk": None}
    gender = churn | {"dimension": "predicted_gender", "filter": text("equals", "likely_male")}
    (item,) = evidence(gender, prediction={"predicted_gender": "likely_female"}).items
    assert item.text == "“likely female”"  # type: ignore[union-attr]
    (bucket,) = evidence({"type": "profile-sample", "percentage": 10}).items
    assert isinstance(bucket, KnownValue)
    assert bucket.test == "must be from 0 to 999"
    assert bucket.met == (bucket.value < 1000)


# --- what someone agreed to ----------------------------------------------------------------------


def consent(subscription: str, *filters: Json, can: bool = True, channel: str = "email") -> Json:
    status: Json = {"subscription": subscription}
    status |= {"filters": list(filters)} if filters else {}
    parts = {"channel": channel, "can_receive_marketing": can, "consent_status": status}
    return {"type": "profile-marketing-consent", "consent": parts}


def subscribed(status: str, **more: Any) -> Json:
    marketing = {"consent": status, "consent_timestamp": "2026-10-01T00:00:00Z", **more}
    return {"email": "a@example.com", "subscriptions": {"email": {"marketing": marketing}}}


def test_consent_its_method_and_its_date() -> None:
    form = {"field": "method", "method": "form"}
    recent = {"field": "status_date", "filter": last(30, "day")}
    person = subscribed("SUBSCRIBED", method="API")
    reasons = evidence(consent("subscribed", form, recent), person)
    assert values_of(reasons) == {
        "status": "subscribed",
        "can receive marketing": True,
        "the method": "api",
        "the date of consent or refusal": datetime(2026, 10, 1, tzinfo=UTC),
    }
    assert [item.met for item in reasons.items] == [True, True, False, False]  # type: ignore[union-attr]
    assert reasons.needs == (MustPass("the method", "is “form”"),)


def test_a_consent_without_a_date_has_none_and_passes_no_date_filter() -> None:
    recent = {"field": "status_date", "filter": last(30, "day")}
    reasons = evidence(
        consent("subscribed", recent), subscribed("SUBSCRIBED", consent_timestamp=None)
    )
    assert values_of(reasons)["the date of consent or refusal"] is None
    assert [item.met for item in reasons.items] == [True, True, False]  # type: ignore[union-attr]


def test_what_stands_in_the_way_of_consent() -> None:
    bounce = {"reason": "HARD_BOUNCE", "timestamp": "2026-11-01T00:00:00Z"}
    person = subscribed("UNSUBSCRIBED", suppression=[bounce])
    reasons = evidence(consent("subscribed"), person)
    assert values_of(reasons)["suppressed because of a hard bounce"].month == 11
    assert reasons.needs == (MustNotBeSuppressed("email"), MustSubscribe("email"))
    assert evidence(consent("subscribed")).needs == (MustSet("email"), MustSubscribe("email"))
    refused = consent("unsubscribed", can=False)
    assert evidence(refused, subscribed("SUBSCRIBED")).needs == (MustUnsubscribe("email"),)
    assert evidence(consent("never_subscribed"), person).needs == ()
    assert evidence(consent("any", can=False), subscribed("SUBSCRIBED")).needs == ()


def test_whether_someone_can_be_reached() -> None:
    condition = {
        "type": "profile-permissions",
        "channel": "whatsapp_marketing",
        "permission": {"reachable_status": "explicitly_reachable"},
    }
    (item,) = evidence(condition).items
    assert isinstance(item, KnownValue)
    assert (item.value, item.text) == ("implicitly_unreachable", "implicitly unreachable")
    assert evidence(condition).needs == (MustSubscribe("WhatsApp (marketing)"),)


def test_what_nobody_can_answer_has_no_evidence() -> None:
    assert evidence({"type": "profile-has-custom-object"}) == Evidence()
