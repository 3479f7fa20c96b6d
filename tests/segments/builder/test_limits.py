"""How much the builder takes: what is too much is refused at once, and the draft stays."""

from __future__ import annotations

import json
from pathlib import Path
from time import thread_time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid
from segments.builder.limits import MOST_FIELDS
from segments.definition.codec import decode
from segments.definition.limits import MOST_CONDITIONS, MOST_DEPTH, MOST_NESTING
from segments.engine.editing import save_segment
from segments.models import Draft, Segment
from tests.builders.definitions import either
from tests.fixtures.cast import AT, SignIn
from tests.segments.builder.builder_page import form_drawn
from tests.segments.builder.test_drafts import EMPTY, SWEDEN, new_form

pytestmark = pytest.mark.django_db

CITY = SWEDEN["condition_groups"][0]["conditions"][0]


def nested(depth: int, *members: Any) -> dict[str, Any]:
    for _ in range(depth - 1):
        members = (either(*members),)
    return either(*members)


def negated(times: int, member: Any) -> Any:
    for _ in range(times):
        member = {"not": member}
    return member


def countries(count: int) -> dict[str, Any]:
    values = [f"Country {n}" for n in range(count)]
    return {**CITY, "filter": {"type": "string", "operator": "in", "value": values}}


LARGEST = {
    "deepest": nested(MOST_DEPTH, CITY),
    "most negated": either(negated(MOST_NESTING - 1, CITY)),
    "both": nested(MOST_DEPTH, negated(MOST_NESTING - MOST_DEPTH, CITY)),
    "widest": either(*[CITY] * MOST_CONDITIONS),
    "widest and deepest": nested(MOST_DEPTH, *[CITY] * MOST_CONDITIONS),
    "each in groups of its own": either(*[nested(MOST_DEPTH - 1, CITY)] * MOST_CONDITIONS),
}
TOO_LARGE = {
    "too deep": nested(MOST_DEPTH + 1, CITY),
    "far too deep": nested(46, CITY),
    "too many negations": either(negated(200, CITY)),
    "too many": either(*[CITY] * (MOST_CONDITIONS + 1)),
    "blank ones": either(*[{}] * 20_000),
    "empty groups": {"condition_groups": [{}] * 20_000},
    "empty nested groups": either(*[{"condition_groups": []}] * 20_000),
    "long lists": either(*[countries(1_000)] * 5),
    "a long text": either({**CITY, "property": "x" * 20_000}),
}


@pytest.fixture
def client(marketer: User, people: list[Profile], sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.mark.parametrize("definition", LARGEST.values(), ids=LARGEST)
def test_the_largest_that_can_be_saved_can_be_drawn_and_comes_back(
    client: Client, account: Account, definition: dict[str, Any]
) -> None:
    decode(definition)
    form = new_form(client)
    data = {**form, **form_drawn(definition).sent, "name": "Large"}
    answer = client.post("/segments/builder/preview", data)
    assert answer.status_code == 200
    assert Draft.objects.get().definition == definition
    page = client.get("/segments/new", {"draft": form["draft"]})
    assert json.loads(page.context["definition"]) == definition
    assert page.context["outlook"].preview.count in (1, 2)
    segment = save_segment(account=account, user=None, name="L", definition=definition, at=AT)
    for path in (f"/segments/{segment.key}/edit", f"/segments/{segment.key}/definition"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("definition", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_too_large_is_refused_at_once_and_the_draft_stays(
    client: Client, definition: dict[str, Any]
) -> None:
    form = new_form(client)
    client.post("/segments/builder/preview", {**form, **form_drawn(SWEDEN).sent})
    started = thread_time()
    data = {**form, "definition": json.dumps(definition)}
    answer = client.post("/segments/builder/draw", data)
    took = thread_time() - started
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#refusal"
    assert 'class="banner bad"' in answer.content.decode()
    assert took < 2, "nothing is built or drawn"
    value = json.dumps(definition)
    add = {
        **form,
        **form_drawn(SWEDEN).sent,
        "do": "add",
        "at": "/condition_groups/0",
        "value": value,
    }
    assert client.post("/segments/builder/change", add).status_code == 422
    assert Draft.objects.get().definition == SWEDEN
    page = client.get("/segments/new", {"definition": json.dumps(definition)[:60_000]})
    assert page.status_code == 200
    assert json.loads(page.context["definition"]) == EMPTY


@pytest.mark.parametrize("verb", ["preview", "change", "save"])
def test_a_form_that_is_too_large_is_refused_and_the_draft_stays(client: Client, verb: str) -> None:
    form = new_form(client)
    client.post("/segments/builder/preview", {**form, **form_drawn(SWEDEN).sent, "name": "Stays"})
    deep = "-".join(["condition_groups-0-conditions-0"] * 46) + "!"
    for rows in (
        {deep: "blank"},
        {"condition_groups-0-conditions-0" + "-not" * 190 + "-type": "x"},
        {f"condition_groups-0-conditions-{n}!": "blank" for n in range(101)},
    ):
        data = urlencode({**form, **rows, "do": "settle", "name": "Goes"})
        content_type = "application/x-www-form-urlencoded"
        answer = client.post(f"/segments/builder/{verb}", data, content_type=content_type)
        assert answer.status_code == 422
        assert Draft.objects.get().name == "Stays"
    if verb == "save":
        assert json.loads(answer.context["definition"]) == SWEDEN
    assert not Segment.objects.exists()


def test_twenty_thousand_blank_conditions_are_refused_by_whatever_reads_them() -> None:
    with pytest.raises(Invalid) as refused:
        decode(TOO_LARGE["blank ones"])
    assert [problem.code for problem in refused.value.problems] == ["too_many"]
    started = thread_time()  # of the second time: the first one may load the translations
    with pytest.raises(Invalid):
        decode(TOO_LARGE["blank ones"])
    assert thread_time() - started < 1


@pytest.mark.parametrize("command", ["count_segment", "describe_segment"])
@pytest.mark.parametrize("levels", [9, 300, 100_000])
def test_commands_refuse_what_is_too_deep_with_a_reason(
    account: Account, tmp_path: Path, command: str, levels: int
) -> None:
    begin, end = '{"condition_groups":[{"conditions":[', "]}]}"
    file = tmp_path / "deep.json"
    file.write_text(begin * levels + json.dumps(CITY) + end * levels)
    with pytest.raises(CommandError):
        call_command(command, str(file), account=account.slug)


def test_a_segment_with_lists_too_long_for_a_form_says_so(client: Client, account: Account) -> None:
    definition = either(*[countries(1_000)] * (MOST_FIELDS // 1_000 + 1))
    segment = save_segment(account=account, user=None, name="Long", definition=definition, at=AT)
    page = client.get(f"/segments/{segment.key}/edit", follow=True)
    assert page.redirect_chain[-1][0] == f"/segments/{segment.key}/definition"
    assert "at most 4,000 values" in page.content.decode()
