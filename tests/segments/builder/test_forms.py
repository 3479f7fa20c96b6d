"""A definition survives the round trip through the builder's form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from segmenter.kernel.errors import Invalid
from segments.builder.defaults import settled, start
from segments.builder.forms import leaves, read, show
from segments.builder.inputs import controls
from segments.definition import fields
from segments.definition.codec import decode, encode, encode_part
from segments.definition.fields import FieldType, Structure, declare
from segments.definition.operators import ANY, filters
from segments.definition.tree import Condition, kinds
from segments.engine.drafts import new_definition
from tests.builders.definitions import either
from tests.draws import draws
from tests.oracle import strategies
from tests.segments.builder.builder_page import KnownCatalog, form_drawn
from tests.segments.variants import condition_variants, filter_variants

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUPPORTED = [name for name, kind in kinds.items() if not kind.unsupported]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**20) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def about(filter_: dict[str, Any]) -> dict[str, Any]:
    return {"type": "profile-property", "property": "properties['Size']", "filter": filter_}


def test_every_field_type_has_a_control() -> None:
    declared = {cls for cls in vars(fields).values() if isinstance(cls, type)}
    types = {cls for cls in declared if issubclass(cls, FieldType)} - {FieldType}
    assert set(controls) == types


@pytest.mark.parametrize("kind", list(kinds))
def test_every_kind_comes_back_from_the_page(kind: str) -> None:
    for condition in condition_variants(kind):
        definition = either({"type": kind, **encode_part(condition)})
        assert read(form_drawn(definition).sent) == definition


@pytest.mark.parametrize(("type_", "operator"), list(filters))
def test_every_filter_comes_back_from_the_page(type_: str, operator: str) -> None:
    cls = filters[type_, operator]
    extras = [{}, {"include_unset": True}]
    if any(field.name == "ignore_case" for field in cls.declared()):
        extras.append({"ignore_case": True})
    for filter_ in filter_variants(cls, operator):
        for extra in extras:
            definition = either(about({**filter_, **extra}))
            assert read(form_drawn(definition).sent) == definition
            condition_counted = {
                **start("profile-metric"),
                "metric_id": "Metric",
                "metric_filters": [{"property": "Size", "filter": {**filter_, **extra}}],
            }
            assert read(form_drawn(either(condition_counted)).sent) == either(condition_counted)


@settings(max_examples=draws(25, nightly=60), deadline=None)
@given(strategies.definitions(AT, "Europe/Stockholm", ["AAAAAA"]))
def test_whole_trees_come_back_from_the_page(definition: dict[str, Any]) -> None:
    document = encode(decode(definition))
    form = form_drawn(document)
    assert read(form.sent) == document
    assert dict(leaves(show(document, KnownCatalog()))).keys() <= form.sent.keys()
    assert len(form.ids) == len(set(form.ids))


CORNERS = [
    {"not": about({"type": "existence", "operator": "not-set"})},
    {"not": {"not": about({"type": "existence", "operator": "is-set"})}},
    {"not": either(about({"type": "existence", "operator": "is-set"}))},
    about({"type": "string", "operator": "equals", "value": ""}),
    about({"type": "string", "operator": "equals", "value": "one\ntwo"}),
    about({"type": "string", "operator": "equals", "value": " \"'<&>{{ x }} ı 🌊 "}),
    about({"type": "string", "operator": "in", "value": ["", "a, b", "c"]}),
    about({"type": "list", "operator": "contains-any", "value": ["5", 5, 5.5, True, ""]}),
    about({"type": "list", "operator": "contains", "value": ""}),
    about({"type": "numeric", "operator": "equals", "value": -0.000125}),
    about({"type": "numeric", "operator": "equals", "value": 1e15}),
    about({"type": "date", "operator": "after", "date": "2026-03-01T14:00:00Z"}),
    {
        **start("profile-metric"),
        "metric_id": "Metric",
        "measurement_property": "ignored here",
        "metric_filters": [],
    },
    {**start("profile-metric"), "metric_id": "Metric", "metric_filters": None},
    {
        **start("profile-metric"),
        "metric_id": "Metric",
        "measurement_filter": {
            "type": "numeric",
            "operator": "greater-than-or-equal",
            "value": 3,
            "include_unset": True,
        },
    },
    *(
        {
            "type": "profile-metric-funnel",
            "timeframe_filter": {"type": "date", "operator": "alltime"},
            "completion_window_seconds": window,
            "steps": [{"metric_exists": True, "metric_id": "Metric"}],
        }
        for window in (None, "HOURS_1", 3600, 1, 86_400 * 14, 90)
    ),
    {
        "type": "profile-has-custom-object",
        "object_type_id": "x",
        "filter": {"a": [1, None, "ü"]},
        "filters": None,
    },
]


@pytest.mark.parametrize("member", CORNERS)
def test_corners_come_back_from_the_page(member: dict[str, Any]) -> None:
    definition = either(member)
    assert encode(decode(definition)) == definition
    assert read(form_drawn(definition).sent) == definition


@pytest.mark.parametrize("kind", SUPPORTED)
def test_a_new_condition_shows_what_it_says(kind: str) -> None:
    condition = settled(start(kind), KnownCatalog())
    assert read(form_drawn(either(condition)).sent) == either(condition)


@dataclass(frozen=True)
class Part(Structure):
    """A part of a kind that the builder has never seen."""

    metric_id: str = declare(fields.MetricKey(), "Metric")
    property: str = declare(fields.PropertyName(of="event"), "Property")
    filter: Any = declare(fields.FilterOf(ANY), "Filter", optional=True, nullable=True)


@dataclass(frozen=True)
class NewKind(Condition):
    """A kind with a field of every type."""

    type: ClassVar[str] = "profile-new"
    title: ClassVar[str] = "Something new"

    text: str = declare(fields.Text(), "Text")
    day: str = declare(fields.DateText(), "Day")
    number: float = declare(fields.Number(), "Number")
    month: int = declare(fields.Number(least=1, most=12, whole=True), "Month")
    truth: bool = declare(fields.Flag(), "Truth")
    only: Any = declare(fields.Flag(only=True), "Only", optional=True)
    choice: str = declare(fields.Choice((("a", "A"), ("b", "B"))), "Choice")
    texts: Any = declare(fields.Texts(), "Texts")
    scalars: Any = declare(fields.Scalars(), "Scalars")
    scalar: Any = declare(fields.Scalar(), "Scalar")
    groups: Any = declare(fields.GroupKeys(), "Groups")
    window: Any = declare(fields.CompletionWindow(), "Window", nullable=True)
    raw: Any = declare(fields.Raw(), "Raw", optional=True)
    part: Part = declare(fields.Nested(Part), "Part")
    parts: Any = declare(fields.Many(fields.Nested(Part)), "Parts", optional=True, nullable=True)


NEW = {
    "type": "profile-new",
    "text": "x",
    "day": "2026-03-01",
    "number": 1.5,
    "month": 3,
    "truth": False,
    "only": True,
    "choice": "b",
    "texts": ["x", "y"],
    "scalars": [1, "1", True],
    "scalar": False,
    "groups": ["AAAAAA", "BBBBBB"],
    "window": 7_200,
    "raw": {"any": ["thing", None]},
    "part": {"metric_id": "Metric", "property": "Size", "filter": None},
    "parts": [
        {"metric_id": "Metric", "property": "Size"},
        {
            "metric_id": "Metric",
            "property": "Size",
            "filter": {"type": "string", "operator": "in", "value": ["a"]},
        },
    ],
}


def test_a_new_kind_works_without_touching_the_builder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds._entries, NewKind.type, NewKind)
    assert read(form_drawn(either(NEW)).sent) == either(NEW)
    condition = settled(start(NewKind.type), KnownCatalog())
    assert condition["choice"] == "a"
    assert read(form_drawn(either(condition)).sent) == either(condition)
    with pytest.raises(Invalid) as refused:
        decode(either(condition))
    missing = {problem.pointer.rpartition("/")[2] for problem in refused.value.problems}
    assert {"text", "day", "number", "texts", "metric_id"} <= missing
    assert condition["part"] == {}, "what people fill in first has somewhere to go"


def test_an_empty_builder_comes_back() -> None:
    nested = either()
    empty = either({}, {"not": {}}, {"condition_groups": []}, nested)
    assert read(form_drawn(empty).sent) == empty
    assert read(form_drawn(new_definition()).sent) == new_definition()
    assert read({}) == {"condition_groups": []}


@settings(max_examples=draws(50, nightly=150), deadline=None)
@given(JSON, st.sampled_from(SUPPORTED), st.sampled_from(list(filters)))
def test_no_json_breaks_the_page(junk: Any, kind: str, operator: tuple[str, str]) -> None:
    declared = kinds[kind].declared()
    condition = {"type": kind} | {field.name: junk for field in declared}
    filter_ = {"type": operator[0], "operator": operator[1], "value": junk, "start": junk}
    for definition in (
        {"condition_groups": junk},
        either(junk, condition, about(filter_), {"not": junk}),
        either({"type": junk}),
    ):
        come_back = read(form_drawn(definition).sent)
        try:
            decode(come_back)
        except Invalid:
            continue


@settings(max_examples=draws(60, nightly=200), deadline=None)
@given(st.dictionaries(st.text() | st.from_regex(r"condition_groups(-\w+!?){1,6}"), st.text()))
def test_no_form_breaks_reading(data: dict[str, str]) -> None:
    definition = read(data)
    assert set(definition) == {"condition_groups"}
    assert read(form_drawn(definition).sent)


def test_what_cannot_be_read_stays_as_it_was_typed() -> None:
    definition = either(about({"type": "numeric", "operator": "equals", "value": 5}))
    data = form_drawn(definition).sent
    name = next(name for name, text in data.items() if text == "5")
    come_back = read({**data, name: "five"})
    assert come_back == either(about({"type": "numeric", "operator": "equals", "value": "five"}))
    with pytest.raises(Invalid) as refused:
        decode(come_back)
    pointer = refused.value.problems[0].pointer
    assert pointer == "/condition_groups/0/conditions/0/filter/value"
    assert name == pointer[1:].replace("/", "-")
    assert form_drawn(come_back).sent[name] == "five"


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "1 234.5", 1234.5),
        ("en", "1,5", "1,5"),
        ("en", "1,000", 1000),
        ("en", "12,345,678", 12_345_678),
        ("en", "1 000", 1000),
        ("en", "1,000.5", 1000.5),
        ("en", "1.000,5", 1000.5),
        ("en", "1.000", "1.000"),
        ("en", "0.125", 0.125),
        ("sv", "1.000,5", 1000.5),
        ("sv", "1\u202f000\u202f000", 1_000_000),
        ("sv", "1.000", "1.000"),
        ("sv", "1,000", "1,000"),
        ("sv", "1,125", 1.125),
        ("pl", "-1 000,25", -1000.25),
        ("en", "12 34", "12 34"),
        ("en", "1.2.3", "1.2.3"),
        ("sv", "1\u00a0234,5", 1234.5),
        ("pl", "0,25", 0.25),
        ("sv", "2.5", 2.5),
        ("en", "1e999", "1e999"),
        ("en", "nan", "nan"),
        ("en", "٣", "٣"),
        ("en", " 7 ", 7),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(
    language: str, text: str, value: float | str
) -> None:
    definition = either(about({"type": "numeric", "operator": "equals", "value": 5}))
    with translation.override(language):
        data = form_drawn(definition).sent
        name = next(name for name, sent_text in data.items() if sent_text == "5")
        read_value = read({**data, name: text})["condition_groups"][0]["conditions"][0]["filter"]
    assert read_value["value"] == value
    assert type(read_value["value"]) is type(value)


def test_a_half_filled_condition_lacks_what_was_not_said() -> None:
    definition = either({**start("profile-metric"), "metric_id": ""})
    assert "metric_id" not in start("profile-metric")
    come_back = read(form_drawn(definition).sent)
    with pytest.raises(Invalid) as refused:
        decode(come_back)
    places = {problem.pointer: problem.code for problem in refused.value.problems}
    assert places == {"/condition_groups/0/conditions/0/metric_id": "required"}


NUMBERS = KnownCatalog({"Size": frozenset({"number"})})


def operators(catalog: KnownCatalog, filter_: dict[str, Any]) -> set[str]:
    row = show(either(about(filter_)), catalog).groups[0].members[0]
    return {option.value for option in row.inputs["filter"].parts["operator"].options}  # type: ignore[attr-defined]


def test_operators_fit_the_property_s_type() -> None:
    at_least = {"type": "numeric", "operator": "greater-than", "value": 1}
    options = operators(NUMBERS, at_least)
    assert {option.partition(":")[0] for option in options} == {"numeric", "existence"}
    texts = KnownCatalog({"Size": frozenset({"text"})})
    options = operators(texts, at_least)
    assert "numeric:greater-than" in options, "what is chosen stays, even if it does not fit"
    assert "numeric:less-than" not in options
    assert "string:phone-country-code-in" not in options
    everything = operators(KnownCatalog(), at_least)
    assert {option.partition(":")[0] for option in everything} == {type_ for type_, _ in filters}


def test_choosing_a_property_begins_with_a_filter_of_its_type() -> None:
    condition = {"type": "profile-property", "property": "properties['Size']"}
    assert settled(condition, NUMBERS)["filter"]["type"] == "numeric"
    dates = KnownCatalog({"Size": frozenset({"date"})})
    assert settled(condition, dates)["filter"] == {
        "type": "date",
        "operator": "in-the-last",
        "quantity": 30,
        "unit": "day",
    }
    created = {"type": "profile-property", "property": "created"}
    assert settled(created, NUMBERS)["filter"]["operator"] == "in-the-last"
    assert settled(condition, KnownCatalog())["filter"] == {
        "type": "string",
        "operator": "equals",
        "ignore_case": True,
    }


def test_numbers_typed_for_a_list_of_numbers_are_numbers() -> None:
    catalog = KnownCatalog({"Size": frozenset({"number"})})
    definition = either(about({"type": "list", "operator": "contains-any"}))
    data = form_drawn(definition, catalog).sent
    name = "condition_groups-0-conditions-0-filter-value-0"
    come_back = read({**data, name: "38"})
    assert come_back == either(about({"type": "list", "operator": "contains-any", "value": [38]}))


def test_choices_of_consent_depend_on_one_another() -> None:
    is_set = {"type": "existence", "operator": "is-set"}
    status = {"subscription": "subscribed", "filters": [{"field": "bounce_date", "filter": is_set}]}
    consent = {"channel": "email", "can_receive_marketing": False, "consent_status": status}
    condition = {"type": "profile-marketing-consent", "consent": consent}
    assert settled(condition, KnownCatalog()) == condition
    consent["can_receive_marketing"] = True
    done = settled(condition, KnownCatalog())["consent"]["consent_status"]
    assert done["filters"][0]["field"] != "bounce_date"
    consent |= {"channel": "sms", "can_receive_marketing": False}
    done = settled(condition, KnownCatalog())["consent"]["consent_status"]
    assert done == {"subscription": "any"}


@pytest.mark.parametrize("kind", SUPPORTED)
def test_settling_changes_nothing_that_is_right(kind: str) -> None:
    for condition in condition_variants(kind):
        document = {"type": kind, **encode_part(condition)}
        assert settled(document, KnownCatalog()) == document


def test_have_not_done_asks_for_no_number_of_times() -> None:
    condition = {**start("profile-metric"), "metric_id": "Metric"}
    row = show(either(condition), KnownCatalog()).groups[0].members[0]
    has_not = row.phrases["has"].phrases[1]  # type: ignore[attr-defined]
    assert has_not.words == "have not done"
    assert has_not.sets["measurement_filter"] == {
        "type": "numeric",
        "operator": "equals",
        "value": 0,
    }
    never = {**condition, **has_not.sets}
    decode(either(never))
    form = form_drawn(either(never))
    assert "How often" not in form.options
    assert read(form.sent) == either(never)
