"""Drafts of the builder: each with its own address, of one person, few, and never in the way."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmenter.accounts.models import Account, Role, Seat, User
from segmenter.kernel.clock import now
from segments.engine.deletion import delete_segment
from segments.engine.drafts import MOST_DRAFTS, delete_old_drafts
from segments.engine.editing import save_segment
from segments.models import Draft, Segment
from tests.builders.definitions import either, of_country
from tests.draws import draws
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.builder.builder_page import Form, form_drawn

pytestmark = pytest.mark.django_db


SWEDEN, NORWAY = either(of_country("Sweden")), either(of_country("Norway"))
EMPTY: dict[str, Any] = {"condition_groups": [{"conditions": [{}]}]}


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.fixture
def segment(account: Account, marketer: User) -> Segment:
    return save_segment(account=account, user=marketer, name="A", definition=SWEDEN, at=AT)


def form_of(response: Response) -> dict[str, Any]:
    """What the page's form would send."""
    names = ("draft", "segment", "revision", "name")
    data = Form(response.content.decode()).sent
    return {name: data[name] for name in names if name in data}


def new_form(client: Client, path: str = "/segments/new") -> dict[str, Any]:
    return form_of(client.get(path))


def write(client: Client, form: dict[str, Any], definition: Any, **more: Any) -> Response:
    rows = form_drawn(definition).sent
    return client.post("/segments/builder/preview", {**form, **rows, **more})


def address(draft: Draft) -> str:
    page = f"/segments/{draft.segment.key}/edit" if draft.segment else "/segments/new"
    return f"{page}?draft={draft.key}"


def test_each_new_segment_has_a_draft_of_its_own_which_its_address_shows(client: Client) -> None:
    one, other = new_form(client), new_form(client)
    write(client, one, SWEDEN, name="One", tags=["spring"])
    write(client, other, NORWAY, name="Other")
    for form, name, definition in ((one, "One", SWEDEN), (other, "Other", NORWAY)):
        page = client.get("/segments/new", {"draft": form["draft"]})
        assert (page.context["name"], json.loads(page.context["definition"])) == (name, definition)
        assert "Restored your draft from" in page.content.decode()
        assert page["Cache-Control"].count("no-store")
    assert client.get("/segments/new", {"draft": one["draft"]}).context["tags"] == ["spring"]
    assert client.get("/segments/new").context["name"] == "", "a new one begins empty"


def test_a_builder_that_nobody_touched_leaves_no_row(client: Client) -> None:
    form = new_form(client)
    write(client, form, EMPTY)
    assert not Draft.objects.exists()
    page = client.get("/segments/new", {"draft": form["draft"]})
    assert (page.status_code, page.context["draft_key"]) == (200, form["draft"])


def test_a_draft_is_nobody_else_s(
    client: Client, owner: User, stranger: User, sign_in: SignIn, segment: Segment
) -> None:
    with_draft, untouched = new_form(client), new_form(client)
    write(client, with_draft, SWEDEN)
    edited = new_form(client, f"/segments/{segment.key}/edit")
    write(client, edited, NORWAY)
    for user in (owner, stranger):
        theirs = sign_in(user)
        for form in (with_draft, untouched, edited):
            key = form["draft"]
            missing = theirs.get("/segments/new", {"draft": "Abcdef0123456789"})
            for path in ("/segments/new", f"/segments/{segment.key}/edit"):
                answer = theirs.get(path, {"draft": key})
                assert (answer.status_code, answer.content) == (404, missing.content)
            assert theirs.post(f"/segments/drafts/{key}/discard").status_code == 404
            for verb in ("preview", "save", "cancel", "start-over", "draw", "change"):
                values = {
                    **form_drawn(NORWAY).sent,
                    "draft": key,
                    "definition": json.dumps(NORWAY),
                }
                data = {**values, "do": "settle", "name": "Mine"}
                assert theirs.post(f"/segments/builder/{verb}", data).status_code == 404
    assert Draft.objects.count() == 2
    assert Segment.objects.count() == 1


def test_drafts_that_wait_are_offered_and_can_be_discarded(
    client: Client, segment: Segment
) -> None:
    write(client, new_form(client), SWEDEN, name="Soon")
    write(client, new_form(client, f"/segments/{segment.key}/edit"), NORWAY)
    for path in ("/segments/new", "/segments/"):
        page = client.get(path).content.decode()
        assert "You have 2 unfinished drafts" in page
        assert all(address(draft) in page for draft in Draft.objects.all())
    edit = client.get(f"/segments/{segment.key}/edit").content.decode()
    assert "You have 1 unfinished draft" in edit, "only those of this segment"
    for draft in Draft.objects.all():
        answer = client.post(f"/segments/drafts/{draft.key}/discard")
        assert answer["Location"] == "/segments/"
    assert "unfinished draft" not in client.get("/segments/new").content.decode()
    assert {(d.name, json.dumps(d.definition)) for d in Draft.objects.all()} == {("", "{}")}


def test_what_says_nothing_new_leaves_no_draft(client: Client, segment: Segment) -> None:
    form = new_form(client, f"/segments/{segment.key}/edit")
    write(client, form, NORWAY)
    assert Draft.objects.get().segment == segment
    write(client, form, SWEDEN)
    assert not Draft.objects.exists()


def test_a_late_preview_does_not_bring_back_what_was_saved(client: Client) -> None:
    form = new_form(client)
    write(client, form, SWEDEN, name="Swedes")
    data = {**form, **form_drawn(SWEDEN).sent, "name": "Swedes"}
    assert client.post("/segments/builder/save", data).status_code == 302
    late = write(client, form, SWEDEN, name="Swedes")
    assert "saved or discarded in another window" in late.content.decode()
    assert not Draft.objects.filter(closed=None).exists()
    back = client.get("/segments/new", {"draft": form["draft"]})
    assert back["Location"] == f"/segments/{Segment.objects.get().key}/edit"


def test_drafts_are_few_and_do_not_grow_old(client: Client) -> None:
    for number in range(MOST_DRAFTS + 3):
        write(client, new_form(client), SWEDEN, name=f"Number {number}")
    names = set(Draft.objects.values_list("name", flat=True))
    assert len(names) == MOST_DRAFTS
    assert "Number 2" not in names
    oldest = Draft.objects.earliest("pk")
    Draft.objects.filter(pk=oldest.pk).update(updated=now() - timedelta(days=31))
    assert delete_old_drafts(now()) == 1
    assert not Draft.objects.filter(pk=oldest.pk).exists()


def test_a_draft_opens_the_account_it_is_in(
    client: Client, marketer: User, other_account: Account
) -> None:
    Seat.objects.create(user=marketer, account=other_account, role=Role.MARKETER)
    client.post("/account/switch", {"account": other_account.slug})
    form = new_form(client)
    write(client, form, SWEDEN, name="Elsewhere")
    client.logout()
    client.force_login(marketer)  # the first account is open now
    page = client.get("/segments/new", {"draft": form["draft"]}, follow=True)
    assert page.context["name"] == "Elsewhere"
    assert page.context["account"] == other_account


def test_the_draft_of_a_deleted_segment_can_be_saved_as_a_new_one(
    client: Client, account: Account, segment: Segment
) -> None:
    form = new_form(client, f"/segments/{segment.key}/edit")
    write(client, form, NORWAY, name="A")
    delete_segment(account=account, segment=segment, at=AT)
    page = client.get(f"/segments/{segment.key}/edit", {"draft": form["draft"]})
    assert "was deleted while you were editing it" in page.content.decode()
    assert json.loads(page.context["definition"]) == NORWAY
    data = {**form, **form_drawn(NORWAY).sent, "name": "A"}
    assert write(client, form, NORWAY).status_code == 200
    answer = client.post("/segments/builder/save", data)
    assert answer.status_code == 422
    assert "was deleted meanwhile" in answer.content.decode()
    assert client.post("/segments/builder/save", {**data, "as_new": "1"}).status_code == 302
    assert Segment.objects.get().definition == NORWAY


# --- damaged drafts ------------------------------------------------------------------------------

RUBBISH = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="ascii", exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["condition_groups", "conditions", "not", "type", "filter", "group_ids", "operator"]
            ),
            inner | st.sampled_from(["profile-property", "profile-metric", "string", "date"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)
SOMETHING = RUBBISH.filter(lambda value: value is not None)


@settings(
    max_examples=draws(25, nightly=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(definition=SOMETHING, tags=SOMETHING, revision=RUBBISH)
def test_a_damaged_draft_never_locks_its_owner_out(
    client: Client, marketer: User, account: Account, definition: Any, tags: Any, revision: Any
) -> None:
    form = new_form(client)
    row = {"definition": definition, "tags": tags, "revision": revision, "updated": AT}
    Draft.objects.create(account=account, user=marketer, key=form["draft"], **row)
    assert client.get("/segments/new", {"draft": form["draft"]}).status_code == 200
    client.post("/segments/builder/start-over", {"draft": form["draft"]})
    Draft.objects.all().delete()


def test_a_draft_that_cannot_be_shown_is_put_aside_with_a_word(
    client: Client, marketer: User, account: Account
) -> None:
    deep: Any = {"condition_groups": []}
    for _ in range(60):
        deep = {"condition_groups": [{"conditions": [deep]}]}
    key = new_form(client)["draft"]
    Draft.objects.create(account=account, user=marketer, key=key, definition=deep, updated=AT)
    page = client.get("/segments/new", {"draft": key})
    assert page.status_code == 200
    assert json.loads(page.context["definition"]) == EMPTY
    assert "cannot be shown" in page.content.decode()
    assert f"/segments/drafts/{key}/discard" in page.content.decode()
