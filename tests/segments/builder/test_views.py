"""The builder's answers: rows, counts, suggestions, drafts, saving; and who may ask."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.models import Metric, Profile
from segmenter.accounts.models import Account, User
from segments.engine.editing import save_segment
from segments.models import Draft, Segment, Tag
from tests.builders.definitions import IS_SET, about, either, once, text
from tests.fixtures.cast import AT, Response, SignIn
from tests.page_source import source
from tests.segments.builder.builder_page import Form
from tests.segments.builder.view_requests import COUNTRY, HAS_EMAIL, MEMBER, ask, client, form_data

__all__ = ["client"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def ordered(account: Account, people: list[Profile]) -> dict[str, Any]:
    """Those who ordered: Anna alone."""
    condition = once("Placed Order")
    del condition["metric"]
    return condition | {"metric_id": Metric.objects.get(account=account).key}


def definition_in(response: Response) -> Any:
    """The definition that an answer carries for undo."""
    match = re.search(r'id="definition" data-json="([^"]*)"', response.content.decode())
    assert match
    return json.loads(Form(f'<input name="x" value="{match[1]}">').sent["x"])


def count_at(response: Response, pointer: str) -> str:
    page = response.content.decode()
    match = re.search(rf'id="count-{pointer[1:].replace("/", "-")}"[^>]*>\s*([\d,]+|<)', page)
    assert match
    return match[1]


def test_a_preview_counts_the_whole_and_each_part(client: Client, ordered: dict[str, Any]) -> None:
    response = ask(client, "preview", either(ordered, HAS_EMAIL))
    assert response.status_code == 200
    assert count_at(response, f"{MEMBER}0") == "1"
    assert count_at(response, f"{MEMBER}1") == "2"
    assert count_at(response, "/condition_groups/0") == "2"
    assert response.context["outlook"].preview.count == 2
    page = response.content.decode()
    assert "66.7 % of 3" in page
    assert "have done Placed Order at least once" in page
    assert "Anna Lind" in page
    assert definition_in(response) == either(ordered, HAS_EMAIL)


def test_what_is_unfinished_is_named_and_not_counted(
    client: Client, ordered: dict[str, Any]
) -> None:
    half = {**ordered}
    del half["metric_id"]
    definition = either(half, {"not": {}}, HAS_EMAIL)
    response = ask(client, "preview", definition)
    assert response.context["outlook"].preview.count == 2
    assert response.context["outlook"].unfinished == 1
    assert count_at(response, f"{MEMBER}0") == "<"
    page = response.content.decode()
    assert f'data-goto="{MEMBER[1:].replace("/", "-")}0-metric_id">Metric' in page
    assert "1 condition is not finished" in page
    only = ask(client, "preview", either(half))
    assert only.context["outlook"].preview is None


def test_who_is_left_out_is_told_with_a_way_to_let_them_in(client: Client) -> None:
    sweden = about("location['country']", text("equals", "Sweden"))
    response = ask(client, "preview", either(sweden, {}))
    assert response.context["outlook"].preview.count == 1
    page = source(response)
    assert "2 people have no country." in page
    fixed = re.search(r'data-draw="([^"]*)"', page)
    assert fixed
    definition = Form(f'<input name="x" value="{fixed[1]}">').sent["x"]
    assert json.loads(definition)["condition_groups"][0]["conditions"][1] == {}, "and nothing else"
    post = form_data(either(sweden, {})) | {"definition": definition}
    response = client.post("/segments/builder/draw", post)
    assert response.context["outlook"].preview.count == 3
    assert definition_in(response)["condition_groups"][0]["conditions"][0]["filter"][
        "include_unset"
    ]


def test_a_definition_that_cannot_be_says_why(
    client: Client, account: Account, marketer: User, ordered: dict[str, Any]
) -> None:
    unknown = ask(client, "preview", either({**ordered, "metric_id": "nothing"}))
    assert "There is no metric" in unknown.content.decode()
    assert unknown.context["outlook"].preview is None
    pattern = about("email", {"type": "string", "operator": "regex", "value": "("})
    assert (
        "“(” (character 1) is not closed"
        in ask(client, "preview", either(pattern)).content.decode()
    )
    segment = save_segment(
        account=account, user=marketer, name="Me", definition=either(ordered), at=AT
    )
    itself = {"type": "profile-group-membership", "is_member": True, "group_ids": [segment.key]}
    circle = ask(client, "preview", either(itself), segment=segment.key)
    assert "depend on itself" in circle.content.decode()
    custom = ask(client, "preview", either({"type": "profile-has-custom-object"}, HAS_EMAIL))
    assert "not supported here" in custom.content.decode()
    assert custom.context["outlook"].preview.count == 2


@pytest.mark.parametrize(
    ("do", "at", "value", "members"),
    [
        ("add", "/condition_groups/0", {}, 3),
        ("duplicate", f"{MEMBER}0", None, 3),
        ("remove", f"{MEMBER}0", None, 1),
        ("nonsense", "", None, None),
        ("put", f"{MEMBER}0", {"type": "profile-region"}, 2),
    ],
)
def test_changes_draw_the_rows_anew(
    client: Client, do: str, at: str, value: Any, members: int | None
) -> None:
    response = ask(
        client, "change", either(HAS_EMAIL, COUNTRY), do=do, at=at, value=json.dumps(value)
    )
    if members is None:
        assert response.status_code == 400
        return
    definition = definition_in(response)
    assert len(definition["condition_groups"][0]["conditions"]) == members
    form = Form(response.content.decode())
    assert {k: v for k, v in form.sent.items() if k.startswith("condition_groups")} == form_data(
        definition
    )


def test_a_change_that_cannot_be_made_is_refused_in_words(client: Client) -> None:
    definition = either(HAS_EMAIL, COUNTRY)
    for do, at, value in (
        ("remove", "/nowhere", None),
        ("set", f"{MEMBER}7", {"property": "email"}),
        ("kind", f"{MEMBER}0", "profile-nonsense"),
        ("move", f"{MEMBER}0", "/condition_groups/9"),
    ):
        response = ask(client, "change", definition, do=do, at=at, value=json.dumps(value))
        assert response.status_code == 422
        assert response["HX-Retarget"] == "#refusal"
        assert all(words.endswith((".", "”.")) for words in response.context["refusals"])
        assert response.context["refusals"]


def test_choosing_a_kind_begins_with_a_whole_sentence(client: Client) -> None:
    response = ask(
        client, "change", either({}), do="kind", at=f"{MEMBER}0", value='"profile-region"'
    )
    condition = definition_in(response)["condition_groups"][0]["conditions"][0]
    assert condition == {"type": "profile-region", "in_region": True, "region": "european_union"}
    assert response.context["outlook"].preview.count == 1


def test_undo_draws_a_definition_that_the_page_kept(client: Client) -> None:
    data = {"definition": json.dumps(either(COUNTRY)), "name": "x"}
    response = client.post("/segments/builder/draw", data)
    assert definition_in(response) == either(COUNTRY)
    for broken in ("", "[]", "{", "null", '"\\ud800"', '{"a": "\\u0000"}', "[" * 5000):
        assert client.post("/segments/builder/draw", {"definition": broken}).status_code == 400


def test_two_circles_with_real_counts(client: Client, ordered: dict[str, Any]) -> None:
    definition = {"condition_groups": [{"conditions": [m]} for m in (HAS_EMAIL, ordered)]}
    response = ask(client, "join", definition, at="/condition_groups/1")
    circles = response.context["circles"]
    assert (circles.is_and, circles.left, circles.right, circles.both) == (True, 2, 1, 1)
    assert "With OR one is enough; with AND all must hold." in response.content.decode()
    response = ask(client, "join", either(HAS_EMAIL, ordered), at=f"{MEMBER}1")
    assert response.context["circles"].result == 2
    assert "2 OR 1 keeps the 2" in response.content.decode()
    for at in (f"{MEMBER}0", f"{MEMBER}7", "x", ""):
        response = ask(client, "join", either(HAS_EMAIL, {}), at=at)
        assert response.context["circles"] is None
    assert ask(client, "join", either(HAS_EMAIL, {}), at=f"{MEMBER}1").context["circles"] is None


def test_the_people_behind_a_count(client: Client, ordered: dict[str, Any]) -> None:
    definition = either(ordered, {"not": HAS_EMAIL})
    everybody = ask(client, "people", definition, at="").context["matching"]
    assert everybody.count == 2
    negated = ask(client, "people", definition, at=f"{MEMBER}1").context["matching"]
    assert [person.phone_number for person in negated.people] == ["+46701234567"]
    assert ask(client, "people", definition, at=f"{MEMBER}1/not").context["matching"].count == 2
    assert ask(client, "people", either({}), at="").status_code == 404
    assert ask(client, "people", either(HAS_EMAIL), at="/x").status_code == 404


# --- saving --------------------------------------------------------------------------------------


def test_saving_makes_a_segment_with_tags_and_no_draft(
    client: Client, account: Account, django_capture_on_commit_callbacks: Any
) -> None:
    ask(client, "preview", either(HAS_EMAIL), name="Reachable")
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(
            client,
            "save",
            either(HAS_EMAIL, {}),
            name="  Reachable  people ",
            tags=["vip", " vip "],
            new_tag="spring, summer",
        )
    segment = Segment.objects.get()
    assert answer["Location"] == f"/segments/{segment.key}/"
    assert segment.name == "Reachable people"
    assert segment.definition == either(HAS_EMAIL), "the empty row is left behind"
    assert segment.size == 2
    assert sorted(tag.name for tag in segment.tags.all()) == ["spring", "summer", "vip"]
    assert not Draft.objects.exists()
    ask(client, "save", either(HAS_EMAIL), name="Reachable people", segment=segment.key, tags="vip")
    assert [tag.name for tag in Tag.objects.all()] == ["vip"]


@pytest.mark.parametrize(
    ("name", "definition", "place"),
    [
        ("", either(HAS_EMAIL), 'id="name-problem"'),
        ("x" * 201, either(HAS_EMAIL), 'id="name-problem"'),
        ("Taken", either(HAS_EMAIL), 'id="name-problem"'),
        ("New", either({}), "data-goto="),
        ("New", either({"type": "profile-property"}), "Still missing:"),
        (
            "New",
            either(about("email", {"type": "numeric", "operator": "equals", "value": "x"})),
            'data-problem="condition_groups-0-conditions-0-filter-value">A number is needed',
        ),
    ],
)
def test_what_cannot_be_saved_comes_back_with_its_errors(
    client: Client, account: Account, name: str, definition: dict[str, Any], place: str
) -> None:
    save_segment(account=account, user=None, name="Taken", definition=either(HAS_EMAIL), at=AT)
    response = ask(client, "save", definition, name=name, tags=["kept"])
    assert response.status_code == 422
    page = source(response)
    assert place in page
    assert 'value="kept"' in page
    assert definition_in(response) == definition
    assert Segment.objects.count() == 1


def test_an_edit_is_shown_before_it_is_saved(
    client: Client,
    account: Account,
    marketer: User,
    ordered: dict[str, Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        segment = save_segment(
            account=account, user=marketer, name="A", definition=either(HAS_EMAIL), at=AT
        )
    response = ask(client, "save", either({"not": HAS_EMAIL}), name="A", segment=segment.key)
    changes = response.context["changes"]
    assert (changes.before, changes.after) == (2, 1)
    assert (changes.entering.count, changes.leaving.count) == (1, 2)
    assert sorted(person.first_name for person in changes.leaving.people) == ["Anna", "Bo"]
    segment.refresh_from_db()
    assert segment.definition == either(HAS_EMAIL)
    ask(client, "save", either(HAS_EMAIL), name="B", segment=segment.key)
    segment.refresh_from_db()
    assert (segment.name, segment.version) == ("B", 1), "a new name needs no second look"
    with django_capture_on_commit_callbacks(execute=True):
        ask(
            client,
            "save",
            either({"not": HAS_EMAIL}),
            name="B",
            segment=segment.key,
            confirmed="1",
        )
    segment.refresh_from_db()
    assert (segment.version, segment.size) == (2, 1)


def test_a_copy_begins_from_another_segment(
    client: Client, account: Account, marketer: User
) -> None:
    segment = save_segment(
        account=account, user=marketer, name="A", definition=either(HAS_EMAIL), at=AT
    )
    page = client.get("/segments/new", {"from": segment.key})
    assert page.context["name"] == "Copy of A"
    assert definition_in(page) == either(HAS_EMAIL)
    assert client.get("/segments/new", {"from": "nonono"}).status_code == 404


# --- who may -------------------------------------------------------------------------------------

PAGES = ("new", "builder/suggest", "{key}/edit")
VERBS = ("preview", "change", "draw", "join", "people", "save", "start-over", "cancel")


def test_only_who_may_write_builds(
    account: Account, marketer: User, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    segment = save_segment(
        account=account, user=marketer, name="A", definition=either(HAS_EMAIL), at=AT
    )
    for user, refused in ((viewer, 403), (stranger, 404)):
        client = sign_in(user)
        assert client.get(f"/segments/{segment.key}/edit").status_code == refused
        for verb in VERBS:
            data = form_data(either(HAS_EMAIL), segment=segment.key, name="B", confirmed="1")
            answer = client.post(f"/segments/builder/{verb}", data).status_code
            assert answer == (refused if user == viewer or verb not in _WITHOUT_SEGMENT else answer)
    for path in PAGES:
        assert sign_in(viewer).get(f"/segments/{path.format(key=segment.key)}").status_code == 403
        nobody = Client().get(f"/segments/{path.format(key=segment.key)}")
        assert nobody["Location"].startswith("/sign-in")
    segment.refresh_from_db()
    assert (segment.name, Segment.objects.count()) == ("A", 1)
    assert not Draft.objects.filter(segment=segment).exists()


_WITHOUT_SEGMENT = {"join", "draw", "people", "change"}
"""These do not look at a segment, or cannot without one."""


def test_a_preview_asks_little_of_the_database(client: Client, ordered: dict[str, Any]) -> None:
    big = either(*[ordered] * 5, *[COUNTRY] * 5)
    ask(client, "preview", big)
    with CaptureQueriesContext(connection) as few:
        ask(client, "preview", either(ordered))
    with CaptureQueriesContext(connection) as many:
        ask(client, "preview", big)
    assert len(few) == len(many) <= 20  # besides the columns, which are cached


HOSTILE = [
    "\x00",
    "\ud800",
    "9" * 400,
    "1e999",
    "NaN",
    "\u0130",
    "\u202e",
    "\U0001f30a",
    "' OR 1=1",
    "<script>x</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_break_nothing(client: Client, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    for member in (
        about("email", {"type": "string", "operator": "equals", "value": text}),
        about("email", {"type": "numeric", "operator": "equals", "value": text}),
        about(f"properties['{text}']", IS_SET),
        {"type": text},
    ):
        data = form_data(either(member), name=text, tags=[text], new_tag=text)
        for verb in ("preview", "change", "save"):
            response = client.post(f"/segments/builder/{verb}", {**data, "do": "settle"})
            # What no page can keep is refused before a view sees it.
            assert response.status_code in ((400,) if "\0" in text else (200, 302, 422))
            assert "<script>x" not in response.content.decode()
    client.get("/segments/builder/suggest", {"what": "condition", "q": text})
    assert client.get("/segments/new").status_code == 200
