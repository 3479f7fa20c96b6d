"""What a marketer reads in the builder when a value cannot be: plain words, at its place, a fix."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid
from segments.builder.checks import fix_of
from segments.builder.controls.plain import number_text, percent_text, read_number, read_percent
from segments.builder.forms import read
from segments.builder.messages import message_of
from segments.builder.partial import MISSING
from segments.definition.codec import decode, encode_part
from segments.definition.fields import Choice, FieldType, FilterOf, Many, Nested, Structure
from segments.definition.operators import filters
from segments.definition.patterns import pattern_problem
from segments.definition.tree import kinds
from segments.engine.editing import save_segment
from segments.models import Segment
from tests.builders.definitions import either
from tests.draws import draws
from tests.fixtures.cast import AT, SignIn
from tests.segments.builder.builder_page import form_drawn
from tests.segments.variants import condition_variants

AT_FIRST = "/condition_groups/0/conditions/0"


def about(filter_: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "profile-property", "property": "properties['Size']", "filter": dict(filter_)}


# --- words ---------------------------------------------------------------------------------------


def names_of(cls: type[Structure]) -> Iterator[str]:
    """Names of fields and literals of choices of a structure and all below it."""
    for field in cls.declared():
        yield field.name
        yield from _names_in(field.type)


def _names_in(type_: FieldType) -> Iterator[str]:
    match type_:
        case Choice(options):
            yield from (name for name, _label in options)
        case Nested(structure):
            yield from names_of(structure)
        case Many(item):
            yield from _names_in(item)
        case FilterOf(classes):
            for (filter_type, operator), cls in filters.items():
                if cls in classes:
                    yield from (filter_type, operator, *names_of(cls))


NAMES = {name for kind in kinds for name in (kind, *names_of(kinds[kind]))}
MACHINE = {name for name in NAMES if re.search(r"[_-]", name)} | {
    *("JSON", "json", "pointer", "null", "object", "string", "numeric", "boolean", "regex"),
    *("operator", "ISO", "RE2", "true or false", "None", "ABSENT", "DAYS_1", "HOURS_1", "e+15"),
}
"""What no marketer should ever read."""
BAD = ["", " ", "blåbär", "9" * 40, "-7", "1.5", "1,5", "0", "1e999", "2026-13-45", "[", "1.000"]


def words_about(definition: Mapping[str, Any]) -> list[str]:
    try:
        decode(definition)
    except Invalid as refused:
        return [message_of(definition, p) for p in refused.problems if p.code not in MISSING]
    return []


def is_plain(words: str) -> bool:
    here = [name for name in MACHINE if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words)]
    return not here and words.endswith(".") and "{" not in words and "'" not in words


@pytest.mark.parametrize("kind", list(kinds))
def test_no_bad_value_is_answered_in_machine_words(kind: str) -> None:
    """Each input of each kind, in each of its variants, with each bad value."""
    sentences: set[str] = set()
    inputs: set[tuple[str, str]] = set()
    for condition in condition_variants(kind):
        document = {"type": kind, **encode_part(condition)}
        data = form_drawn(either(document)).sent
        shape = data.get("condition_groups-0-conditions-0-filter-operator", "")
        for name in data:
            if not name.startswith("condition_groups-0-conditions-0-") or name.endswith("-type"):
                continue
            if (name, shape) in inputs:
                continue
            inputs.add((name, shape))
            for bad in BAD:
                sentences.update(words_about(read({**data, name: bad})))
    assert [words for words in sorted(sentences) if not is_plain(words)] == []
    assert sentences or kinds[kind].unsupported or kind == "profile-region"


@pytest.mark.parametrize("kind", list(kinds))
@settings(max_examples=25, deadline=None)
@given(junk=st.sampled_from([None, True, 7, 1e300, "blåbär", [], {}, [[]], [{}], {"x": 1}]))
def test_no_broken_definition_is_answered_in_machine_words(kind: str, junk: Any) -> None:
    """Definitions that no form sends: of another page, of an older version."""
    for condition in condition_variants(kind)[:3]:
        document = {"type": kind, **encode_part(condition)}
        for broken in _broken(document, junk):
            sentences = words_about(either(broken)) + words_about(either({"not": broken}))
            assert [words for words in sentences if not is_plain(words)] == []
    for whole in (junk, {"condition_groups": junk}, either(junk), either({"type": junk})):
        if isinstance(whole, dict):
            assert [words for words in words_about(whole) if not is_plain(words)] == []


def _broken(value: Any, junk: Any) -> Iterator[Any]:
    """The value with one of its parts replaced, or with a part too many."""
    if isinstance(value, dict):
        yield {**value, "surplus": 1}
        for name, inner in value.items():
            if name != "type":
                yield {**value, name: junk}
                yield from ({**value, name: each} for each in _broken(inner, junk))
    elif isinstance(value, list):
        yield [*value, junk]
        for i, inner in enumerate(value):
            for each in _broken(inner, junk):
                yield [*value[:i], each, *value[i + 1 :]]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("[abc", "“[” (character 1) is not closed by “]”."),
        ("a(b(c)", "“(” (character 2) is not closed by “)”."),
        ("a)b", "“)” (character 2) closes nothing."),
        ("[(]*)", "“)” (character 5) closes nothing."),
        ("*a", "“*” (character 1) has nothing before it to repeat."),
        ("å\\q", "“\\q” (character 2) means nothing here."),
        ("a\\", "“\\” at the end needs a character after it."),
        ("a{2000}", "“{2000}” (character 2) repeats too often."),
        ("[z-a]", "“z-a” (character 2) cannot stand here."),
    ],
)
def test_a_pattern_that_cannot_be_read_is_answered_with_the_place(pattern: str, words: str) -> None:
    assert pattern_problem(pattern) == f"This pattern cannot be read: {words}"


@settings(max_examples=draws(80, nightly=300), deadline=None)
@given(st.text(alphabet="ab()[]{}*+?\\|^$-:<P0,9å", max_size=12))
def test_every_pattern_is_read_or_answered_in_words(pattern: str) -> None:
    message = pattern_problem(pattern)
    assert message is None or (message.endswith(".") and "%(" not in message)


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.000", "“1.000” may be 1 or 1000. Write the one that you mean."),
        ("1,5", "Decimals are written with “.” here."),
        ("many", "A number is needed here."),
    ],
)
def test_a_number_that_is_not_read_is_answered_with_the_reason(text: str, words: str) -> None:
    definition = either(about({"type": "numeric", "operator": "equals", "value": text}))
    assert words_about(definition) == [words]


@given(
    st.floats(-1e14, 1e14).map(lambda n: round(n, 6)) | st.integers(-(10**14), 10**14),
    st.sampled_from(["en", "sv", "pl"]),
)
def test_a_number_is_read_back_as_it_is_shown(value: float, language: str) -> None:
    with translation.override(language):
        assert read_number(number_text(value)) == value
        assert read_percent(percent_text(value)) == value


SHARE: dict[str, Any] = {
    "type": "profile-predictive-analytics",
    "dimension": "churn_probability",
    "filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": 0.75},
}
RATIO = {
    "type": "profile-metric-ratio",
    "numerator": {"metric_id": "Metric"},
    "denominator": {"metric_id": "Metric"},
    "timeframe_filter": {"type": "date", "operator": "alltime"},
    "filter": {"type": "numeric", "operator": "between", "start": 0.005, "end": 1},
}


def test_shares_are_typed_in_percent_and_kept_as_fractions() -> None:
    field = f"{AT_FIRST[1:].replace('/', '-')}-filter"
    data = form_drawn(either(SHARE)).sent
    assert data[f"{field}-value"] == "75"
    for typed, share in (("80", 0.8), ("0.5", 0.005), ("12.5 %", 0.125), ("100", 1), ("x", "x")):
        read_value = read({**data, f"{field}-value": typed})["condition_groups"][0]["conditions"][0]
        assert read_value["filter"]["value"] == share
    both = form_drawn(either(RATIO)).sent
    assert (both[f"{field}-start"], both[f"{field}-end"]) == ("0.5", "100")
    amount = {**SHARE, "dimension": "total_clv"}
    assert form_drawn(either(amount)).sent[f"{field}-value"] == "0.75"


# --- values that nobody can mean -----------------------------------------------------------------

pytest_db = pytest.mark.django_db


@pytest.fixture
def client(marketer: User, people: list[Profile], sign_in: SignIn) -> Client:
    return sign_in(marketer)


def post(client: Client, to: str, definition: Mapping[str, Any], **more: Any) -> Any:
    return client.post(f"/segments/builder/{to}", {**form_drawn(definition).sent, **more})


REVERSED: list[dict[str, Any]] = [
    {"type": "date", "operator": "between-static", "start": "2026-03-02", "end": "2026-03-01"},
    {
        "type": "date",
        "operator": "between-static",
        "start": "2026-03-01T14:00:00Z",
        "end": "2026-03-01T13:00:00+00:00",
    },
    {"type": "date", "operator": "between", "start": 5, "end": 2, "unit": "day"},
    {"type": "numeric", "operator": "between", "start": 5, "end": 2.5},
]


@pytest_db
@pytest.mark.parametrize("filter_", REVERSED)
def test_ends_before_the_beginning_are_refused_with_a_fix(
    client: Client, filter_: dict[str, Any]
) -> None:
    definition = either({"not": about(filter_)})
    response = post(client, "preview", definition)
    outlook = response.context["outlook"]
    assert outlook.preview is None
    (fault,) = outlook.reports[AT_FIRST].wrong
    assert fault.fix.startswith("Swap the ")
    assert fault.name.endswith(("-filter-start", "-filter-end"))
    assert fault.fix in response.content.decode()
    refused = post(client, "save", definition, name="Reversed")
    assert refused.status_code == 422
    assert not Segment.objects.exists()
    fixed = post(client, "change", definition, do="set", at=fault.at, value=fault.sets)
    assert fixed.context["outlook"].preview is not None
    assert post(client, "save", _definition(fixed), name="Swapped").status_code == 302


def _definition(response: Any) -> Any:
    return json.loads(response.context["definition"])


@pytest_db
def test_the_same_day_twice_is_a_day(client: Client) -> None:
    for start, end in (("2026-03-01", "2026-03-01"), ("2026-03-01T14:00:00Z", "2026-03-01")):
        one_day = {"type": "date", "operator": "between-static", "start": start, "end": end}
        response = post(client, "preview", either(about(one_day)))
        assert response.context["outlook"].preview is not None


@pytest_db
def test_a_risk_of_more_than_everything_is_refused(client: Client) -> None:
    beyond = {**SHARE, "filter": {**SHARE["filter"], "value": 75}}
    response = post(client, "preview", either(beyond))
    (fault,) = response.context["outlook"].reports[AT_FIRST].wrong
    assert fault.message == "This lies between 0 % and 100 %."
    assert post(client, "preview", either(SHARE)).context["outlook"].preview is not None


@pytest_db
def test_a_segment_that_says_so_already_goes_on(account: Account, client: Client) -> None:
    segment = save_segment(
        account=account, user=None, name="Old", definition=either(about(REVERSED[0])), at=AT
    )
    page = client.get(f"/segments/{segment.key}/edit").content.decode()
    assert "The last day is before the first day." in page


def test_what_is_in_order_has_no_fix() -> None:
    in_order = {"start": 2, "end": 5}
    with pytest.raises(Invalid) as refused:
        decode(either(about({"type": "numeric", "operator": "between", "start": 2, "end": "x"})))
    assert fix_of(refused.value.problems[0], in_order) is None
    assert fix_of(refused.value.problems[0], {"start": 2, "end": "x"}) is None


@pytest_db
def test_bands_of_churn_risk_can_be_chosen(client: Client) -> None:
    response = client.get("/segments/builder/suggest", {"what": "risk", "field": "filter"})
    bands = {s.words: json.loads(s.value)["filter"] for s in response.context["suggestions"]}
    assert list(bands) == ["High", "Medium", "Low"]
    assert bands["High"]["value"] == 0.6667
    assert (bands["Medium"]["start"], bands["Medium"]["end"]) == (
        0.3333,
        0.6666,
    )
    for filter_ in bands.values():
        assert (filter_["type"], filter_["operator"]) in filters
        response = post(
            client,
            "change",
            either(SHARE),
            do="set",
            at=AT_FIRST,
            value=json.dumps({"filter": filter_}),
        )
        assert _definition(response)["condition_groups"][0]["conditions"][0]["filter"] == filter_


# --- structures inside a condition ---------------------------------------------------------------


@pytest_db
def test_a_missing_structure_is_made_when_it_is_filled_in(client: Client) -> None:
    condition = {"type": "profile-metric-ratio"}
    response = post(
        client,
        "change",
        either(condition),
        do="set",
        at=f"{AT_FIRST}/denominator",
        value='{"metric_id": "ABCDEF"}',
    )
    assert _definition(response)["condition_groups"][0]["conditions"][0]["denominator"] == {
        "metric_id": "ABCDEF"
    }


def test_another_time_begins_with_what_is_not_offered() -> None:
    condition = {
        "type": "profile-metric-funnel",
        "timeframe_filter": {"type": "date", "operator": "alltime"},
        "completion_window_seconds": "DAYS_30",
        "steps": [{"metric_exists": True, "metric_id": "Metric"}],
    }
    field = f"{AT_FIRST[1:].replace('/', '-')}-completion_window_seconds"
    data = {**form_drawn(either(condition)).sent, field: "custom"}
    definition = read(data)
    member = definition["condition_groups"][0]["conditions"][0]
    assert member["completion_window_seconds"] == 10 * 86_400
    inputs = form_drawn(definition).sent
    assert (inputs[f"{field}-quantity"], inputs[f"{field}-unit"]) == ("10", "day")
    emptied = read({**inputs, f"{field}-quantity": ""})
    assert words_about(emptied) == ["A number is needed here."]
