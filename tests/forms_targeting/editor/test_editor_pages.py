"""The editor's answers: what is saved, what is told, and to whom."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import BlockKind, block_kinds
from forms_targeting.content.form_content import STYLE
from forms_targeting.editor.draft_content import draft_of
from forms_targeting.engine.publishing import add_variant, archive, create_form, publish
from forms_targeting.engine.sites import site_of
from forms_targeting.library.ready_form import ready_forms
from forms_targeting.models import Form, FormStatus, FormVersion
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from tests.draws import draws
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(account: Account, marketer: User) -> Form:
    ready = ready_forms["quiz"]
    return create_form(account=account, user=marketer, name="Quiz", content=ready.content, at=AT)


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def path(form: Form, part: str = "", letter: str = "A") -> str:
    return f"/forms/{form.key}/edit/{letter}{part}"


def draft(form: Form, letter: str = "A") -> dict[str, Any]:
    return draft_of(form.variants.get(letter=letter).content)


def change(client: Client, form: Form, **values: Any) -> Any:
    """Send a change of the draft as it is saved."""
    variant = form.variants.get(letter="A")
    body = {
        "draft": json.dumps(values.pop("draft", None) or draft(form)),
        "updated": variant.updated.isoformat(),
        "selection": "look",
        **values,
    }
    return client.post(path(form, "/change"), body)


def data(response: Any, name: str) -> str:
    """An attribute of the draft's element in an answer."""
    text = response.content.decode()
    start = text.index(f'data-{name}="') + len(f'data-{name}="')
    return unescape(text[start : text.index('"', start)])


def test_a_change_is_saved_and_published_by_nobody(client: Client, form: Form) -> None:
    at = "/steps/0/blocks/0/text"
    response = change(client, form, do="set", at=at, value=json.dumps("What do you need?"))
    assert response.status_code == 200
    assert data(response, "state") == "saved"
    assert draft(form)["steps"][0]["blocks"][0]["text"] == "What do you need?"
    form.refresh_from_db()
    assert form.status == FormStatus.DRAFT
    assert not FormVersion.objects.exists()


def test_what_was_typed_comes_before_what_was_pressed(client: Client, form: Form) -> None:
    sets = [["/steps/0/blocks/0/text", "First"], ["/translations/sv/title.text", "Först"]]
    change(client, form, sets=json.dumps(sets), do="duplicate", at="/steps/0/blocks/0")
    after = draft(form)
    assert [b["text"] for b in after["steps"][0]["blocks"][:2]] == ["First", "First"]
    assert after["translations"]["sv"]["heading-1.text"] == "Först"


def test_typing_leaves_the_settings_as_they_are_on_the_page(client: Client, form: Form) -> None:
    answer = change(client, form, sets="[]", typing="yes").content.decode()
    assert "innerHTML:#panel" not in answer
    assert "innerHTML:#panel" in change(client, form, selection="look").content.decode()


def test_what_visitors_could_not_see_is_not_saved_and_told_at_its_place(
    client: Client, form: Form
) -> None:
    before = draft(form)
    response = change(client, form, do="set", at="/steps/1/blocks/0/text", value='" "')
    assert data(response, "state") == "problems"
    assert data(response, "problem") == "/steps/1/blocks/0/text"
    assert "Step 2, Heading" in response.content.decode()
    assert data(response, "previews") == "{}"
    assert json.loads(data(response, "draft"))["steps"][1]["blocks"][0]["text"] == " "
    assert draft(form) == before


def test_two_windows_do_not_overwrite_each_other_silently(client: Client, form: Form) -> None:
    stamp = form.variants.get().updated.isoformat()
    old = draft(form)
    change(client, form, do="set", at="/steps/0/blocks/0/text", value='"From one window"')
    mine = {**old, "kind": "popup"}
    response = change(client, form, draft=mine, updated=stamp)
    assert response.status_code == 409
    assert data(response, "state") == "conflict"
    assert "another window" in response.content.decode()
    assert draft(form)["steps"][0]["blocks"][0]["text"] == "From one window"
    assert change(client, form, draft=mine, updated=stamp, over="yes").status_code == 200
    assert draft(form)["kind"] == "popup"


def test_the_same_content_from_an_old_window_is_no_conflict(client: Client, form: Form) -> None:
    stamp = form.variants.get().updated.isoformat()
    change(client, form, do="set", at="/kind", value='"popup"')
    assert change(client, form, updated=stamp).status_code == 200


def test_looking_at_another_part_saves_nothing(client: Client, form: Form) -> None:
    before = form.variants.get().updated
    revision = site_of(form.account, at=AT).revision
    assert change(client, form, selection="step:gift").status_code == 200
    assert form.variants.get().updated == before
    assert site_of(form.account, at=AT).revision == revision


@pytest.mark.parametrize(
    "body",
    [
        {"draft": "{"},
        {"draft": "[]"},
        {"draft": "[" * 5_000},
        {"draft": '"' + "x" * 400_000 + '"'},
        {"sets": "{}"},
        {"sets": "[1]"},
        {"sets": '[["/nothing", 1]]'},
        {"sets": json.dumps([["/kind", "popup"]] * 300)},
        {"do": "explode"},
        {"do": "set", "at": "/steps/99/id", "value": "1"},
        {"do": "set", "at": "/kind", "value": "{"},
    ],
)
def test_a_change_that_no_page_sends_is_refused(
    body: dict[str, str], client: Client, form: Form
) -> None:
    before = form.variants.get().content
    values = {"draft": json.dumps(draft(form)), "updated": "rubbish", **body}
    response = client.post(path(form, "/change"), values)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#refusal"
    assert form.variants.get().content == before


def test_a_stamp_that_cannot_be_read_overwrites_nothing(client: Client, form: Form) -> None:
    for stamp in ("", "rubbish", "2026-01-01"):
        response = change(client, form, do="set", at="/kind", value='"popup"', updated=stamp)
        assert response.status_code == 409
    assert draft(form)["kind"] == "full_page"


def test_texts_are_shown_as_texts(client: Client, form: Form) -> None:
    hostile = "</script><img src=x onerror=alert(1)>\"'&"
    sets = [["/steps/0/blocks/0/text", hostile], ["/translations/sv/title.text", hostile]]
    for selection in ("block:title", "language:sv", "step:need"):
        answer = change(client, form, sets=json.dumps(sets), selection=selection)
        assert "<img src=x" not in answer.content.decode()
    page = client.get(path(form)).content.decode()
    assert "<img src=x" not in page
    assert (
        json.loads(data(client.get(path(form)), "draft"))["steps"][0]["blocks"][0]["text"]
        == hostile.strip()
    )


def test_every_kind_of_input_that_is_declared_can_be_drawn() -> None:
    folder = settings.BASE_DIR / "templates/forms_targeting/editor/inputs"
    attributes = [a for kind in block_kinds for a in block_kinds[kind].attributes]
    needed = {attribute.kind.value for attribute in [*attributes, *STYLE]} | {"texts", "step"}
    assert needed <= {file.stem for file in folder.glob("*.html")}


def test_a_new_kind_of_block_needs_no_change_of_the_editor(
    client: Client, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    attributes = (
        Attribute("words", "Words to show", required=True, translates=True),
        Attribute("lines", "Its lines", Kind.TEXTS),
        Attribute("next", "Where it leads", Kind.STEP),
        Attribute("color", "Its color", Kind.COLOR, "#ff0000"),
    )
    kind = BlockKind("Countdown", "clock", attributes, 90)
    monkeypatch.setitem(block_kinds._entries, "countdown", kind)
    answer = change(client, form, do="add-block", at="/steps/0/blocks/0", value='"countdown"')
    assert data(answer, "state") == "saved"
    for label in ("Words to show", "Its lines", "Where it leads", "Its color"):
        assert label in answer.content.decode()
    answer = change(client, form, do="append", at="/steps/0/blocks/0/lines")
    assert json.loads(data(answer, "draft"))["steps"][0]["blocks"][0]["lines"] == [""]
    answer = change(client, form, selection="language:sv")
    assert "Countdown, Words to show" in answer.content.decode()


def test_properties_are_suggested_with_the_people_who_have_them(
    client: Client, form: Form, people: list[Profile]
) -> None:
    answer = client.get(path(form, "/properties"), {"q": "colour"}).content.decode()
    assert 'data-value="properties.Favourite colour"' in answer
    assert "1 person" in answer
    assert "New property “colour”" in answer
    everything = client.get(path(form, "/properties"), {"q": ""}).content.decode()
    assert 'data-value="email"' in everything
    assert "2 people" in everything
    for words in ("x" * 5_000, "<b>", "'", "%", "\\"):
        assert client.get(path(form, "/properties"), {"q": words}).status_code == 200


def test_the_preview_may_load_images_from_the_shop_and_nothing_else_is_opened(
    client: Client, form: Form
) -> None:
    site = site_of(form.account, at=AT)
    site.domains = ["shop.example", "127.0.0.1:8100", "x; script-src *"]
    site.save()
    policy = client.get(path(form))["Content-Security-Policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["img-src"] == ["'self'", "data:", "https:", "shop.example", "127.0.0.1:8100"]
    assert "unsafe" not in policy
    assert "*" not in policy


ROUTES = ["", "/properties", "/publication"]
POSTS = ["/change", "/copy", "/share", "/publish"]


@pytest.mark.parametrize("part", ROUTES + POSTS)
def test_strangers_and_viewers_get_nothing(
    part: str, form: Form, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    method = "get" if part in ROUTES else "post"
    for user, status in ((viewer, 403), (stranger, 404)):
        assert getattr(sign_in(user), method)(path(form, part)).status_code == status
    assert getattr(sign_in(stranger), method)(path(form, part, "Z")).status_code == 404
    assert form.variants.count() == 1


@pytest.mark.parametrize("key", ["\x00", "²", "%2e%2e", "9" * 40, "null"])
def test_no_address_breaks_the_editor(key: str, client: Client) -> None:
    assert client.get(f"/forms/{key}/edit/A").status_code == 404
    assert client.get(f"/forms/abcdef/edit/{key}").status_code == 404


def test_a_form_is_published_from_the_editor(client: Client, form: Form) -> None:
    summary = client.get(path(form, "/publication")).content.decode()
    assert "Its first version" in summary
    response = client.post(path(form, "/publish"))
    assert response.status_code == 302
    form.refresh_from_db()
    assert form.status == FormStatus.LIVE
    assert FormVersion.objects.get().content == form.variants.get().content


def test_the_summary_names_what_changes_for_visitors(
    client: Client, form: Form, marketer: User
) -> None:
    publish(form=form, user=marketer, at=AT)
    assert "see all of it already" in client.get(path(form, "/publication")).content.decode()
    sets = [["/steps/0/blocks/0/text", "What now?"], ["/translations/pl/title.text", "Co teraz?"]]
    change(client, form, sets=json.dumps([*sets, ["/style/button", "#00aa00"]]))
    change(client, form, do="remove", at="/steps/0/blocks/3")
    change(client, form, do="add-block", at="/steps/4/blocks/1", value='"text"')
    summary = unescape(client.get(path(form, "/publication")).content.decode())
    for line in (
        "Changed: What now?",
        "Removed: No, thank you",
        "New: Text",
        "Another look",
        "texts in Polski",
        "hard to read",
        "Svenska is translated to",
    ):
        assert line in summary, line


def test_an_archived_form_says_why_it_cannot_be_published(client: Client, form: Form) -> None:
    archive(form=form, at=AT)
    summary = client.get(path(form, "/publication")).content.decode()
    assert "cannot be published yet" in summary
    assert f'href="/forms/{form.key}/"' in summary
    assert client.post(path(form, "/publish")).status_code == 302
    assert not FormVersion.objects.exists()


def test_what_a_form_can_no_longer_say_is_named_with_links(client: Client, form: Form) -> None:
    variant = form.variants.get()
    variant.content["steps"][0]["blocks"][0]["text"] = ""
    variant.save()
    form.rules = [{"rule": "segments", "operator": "any", "segments": ["nobody"]}]
    form.save()
    summary = unescape(client.get(path(form, "/publication")).content.decode())
    assert f'href="/forms/{form.key}/edit/A?select=block:title"' in summary
    assert f'href="/forms/{form.key}/targeting"' in summary
    assert "There is no such segment" in summary
    page = client.get(path(form)).content.decode()
    assert "things to correct" in page or "thing to correct" in page


def test_variants_are_added_weighed_and_switched_off(client: Client, form: Form) -> None:
    response = client.post(path(form, "/copy"))
    assert response["Location"] == path(form, letter="B")
    assert draft(form, "B") == draft(form)
    client.post(path(form, "/share", "B"), {"weight": "3", "is_active": "on"})
    page = client.get(path(form, letter="B")).content.decode()
    assert "75 %" in page
    assert "25 %" in page
    client.post(path(form, "/share", "B"), {"weight": "3"})
    assert not form.variants.get(letter="B").is_active
    assert ">off<" in client.get(path(form)).content.decode()


@pytest.mark.parametrize("weight", ["", "0", "101", "x", "²", "1.5", "-1", "9" * 30])
def test_a_weight_that_is_none_is_refused(weight: str, client: Client, form: Form) -> None:
    add_variant(form=form, at=AT)
    response = client.post(path(form, "/share"), {"weight": weight, "is_active": "on"}, follow=True)
    assert form.variants.get(letter="A").weight == 1
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_the_last_variant_cannot_be_switched_off(client: Client, form: Form) -> None:
    client.post(path(form, "/share"), {"weight": "1"})
    assert form.variants.get().is_active


def test_there_are_six_variants_at_most(client: Client, form: Form) -> None:
    for _number in range(7):
        assert client.post(path(form, "/copy")).status_code == 302
    letters = form.variants.order_by("letter").values_list("letter", flat=True)
    assert "".join(letters) == "ABCDEF"


def test_the_editor_asks_the_database_a_fixed_number_of_times(
    client: Client, form: Form, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        add_variant(form=form, at=AT)
    client.get(path(form))
    with django_assert_max_num_queries(12):
        client.get(path(form))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "kind",
                    "steps",
                    "blocks",
                    "id",
                    "type",
                    "text",
                    "options",
                    "branches",
                    "translations",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(record=json_values, at=st.text(max_size=20), value=json_values)
@hypothesis_settings(
    max_examples=draws(15, nightly=400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_draft_breaks_the_editor(
    client: Client, form: Form, record: Any, at: str, value: Any
) -> None:
    body = {"draft": json.dumps(record), "do": "set", "at": at, "value": json.dumps(value)}
    response = client.post(path(form, "/change"), {**body, "updated": ""})
    assert response.status_code in {200, 400, 409, 422}
