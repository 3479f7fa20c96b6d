"""Two people edit one segment: neither overwrites a change they have not seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from segmenter.accounts.models import Account, Role, User
from segmenter.kernel.errors import ApplicationError
from segments.builder.saving import merged_tags
from segments.engine.deletion import delete_segment
from segments.engine.editing import save_segment, set_active
from segments.engine.revisions import EditConflict, Revision
from segments.models import Draft, Segment
from tests.builders.definitions import either, of_country
from tests.fixtures.cast import AT, Response, SignIn, seat
from tests.segments.builder.builder_page import Form, form_drawn
from tests.segments.builder.test_drafts import EMPTY, NORWAY, SWEDEN, form_of

pytestmark = pytest.mark.django_db

DENMARK = either(of_country("Denmark"))


@pytest.fixture
def segment(account: Account, marketer: User) -> Segment:
    return save_segment(account=account, user=marketer, name="North", definition=SWEDEN, at=AT)


@pytest.fixture
def mine(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.fixture
def change(account: Account, segment: Segment) -> Callable[..., Segment]:
    """Beata changes the segment meanwhile."""
    beata = seat(account, Role.MARKETER, "beata@example.com")

    def change_of_another(name: str = "North", definition: Any = SWEDEN) -> Segment:
        return save_segment(
            account=account, user=beata, name=name, definition=definition, segment=segment, at=AT
        )

    return change_of_another


def open_form(client: Client, segment: Segment) -> dict[str, Any]:
    return form_of(client.get(f"/segments/{segment.key}/edit"))


def save(client: Client, form: dict[str, Any], definition: Any, **more: Any) -> Response:
    data = {**form, **form_drawn(definition).sent, "confirmed": "1", **more}
    return client.post("/segments/builder/save", data)


def button(response: Response, name: str) -> str:
    match = re.search(rf'<button[^>]* name="{name}" value="([^"]*)"', response.content.decode())
    assert match
    return match[1]


def name_and_tree(segment: Segment) -> tuple[str, Any]:
    segment.refresh_from_db()
    return segment.name, segment.definition


def test_a_new_name_does_not_undo_another_s_change_of_the_condition(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(definition=NORWAY)
    response = save(mine, form, SWEDEN, name="Swedes")
    assert response.status_code == 422
    conflict = response.context["conflict"]
    assert (conflict.who, conflict.when) == ("Beata", AT)
    assert "Sweden" in conflict.sentences.before
    assert "Norway" in conflict.sentences.now
    assert "Beata changed this segment meanwhile" in response.content.decode()
    assert name_and_tree(segment) == ("North", NORWAY)
    assert Draft.objects.get().name == "Swedes", "what was written stays"


def test_a_changed_condition_does_not_undo_another_s_new_name(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(name="Far north")
    response = save(mine, form, NORWAY)
    assert response.context["conflict"].names.now == "Far north"
    assert response.context["conflict"].sentences is None
    assert name_and_tree(segment) == ("Far north", SWEDEN)


def test_mine_over_theirs_replaces_only_what_was_shown(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(definition=NORWAY)
    over = button(save(mine, form, SWEDEN, name="Mine"), "over")
    change(definition=DENMARK)
    again = save(mine, form, SWEDEN, name="Mine", over=over)
    assert again.status_code == 422
    assert name_and_tree(segment) == ("North", DENMARK)
    assert save(mine, form, SWEDEN, name="Mine", over=button(again, "over")).status_code == 302
    assert name_and_tree(segment) == ("Mine", SWEDEN)


def test_theirs_is_taken_by_discarding_mine(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(definition=NORWAY)
    save(mine, form, DENMARK)
    answer = mine.post("/segments/builder/start-over", {**form, **form_drawn(DENMARK).sent})
    assert answer["Location"] == f"/segments/{segment.key}/edit"
    assert mine.get(answer["Location"]).context["revision"].version == 2
    assert not Draft.objects.filter(closed=None).exists()


def test_both_are_kept_by_saving_mine_as_a_new_segment(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(definition=NORWAY)
    assert save(mine, form, DENMARK, as_new="1").status_code == 302
    assert name_and_tree(segment) == ("North", NORWAY)
    assert name_and_tree(Segment.objects.exclude(pk=segment.pk).get()) == ("North (2)", DENMARK)


def test_who_saves_what_is_saved_already_is_not_asked(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(definition=NORWAY)
    assert save(mine, form, NORWAY).status_code == 302


def test_a_change_that_was_taken_back_is_no_conflict(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    form = open_form(mine, segment)
    change(definition=NORWAY)
    change(definition=SWEDEN)
    assert save(mine, form, DENMARK).status_code == 302


def test_a_segment_that_was_switched_off_meanwhile_is_told(mine: Client, segment: Segment) -> None:
    form = open_form(mine, segment)
    set_active(segment, on=False, at=AT)
    response = save(mine, form, NORWAY)
    assert response.context["conflict"].is_deactivated
    assert "not kept up to date any more" in response.content.decode()
    assert save(mine, form, NORWAY, over=button(response, "over")).status_code == 302


def test_a_segment_that_was_deleted_meanwhile_is_told_and_nothing_is_lost(
    mine: Client, account: Account, segment: Segment
) -> None:
    form = open_form(mine, segment)
    delete_segment(account=account, segment=segment, at=AT)
    response = save(mine, form, NORWAY, name="Norse")
    assert response.status_code == 422
    assert "was deleted meanwhile" in response.content.decode()
    assert save(mine, form, NORWAY, name="Norse", as_new="1").status_code == 302
    assert Segment.objects.get().name == "Norse"


def test_an_older_version_is_not_restored_over_a_change_that_was_not_seen(
    mine: Client, segment: Segment, change: Callable[..., Segment]
) -> None:
    change(definition=NORWAY)
    page = mine.get(f"/segments/{segment.key}/definition").content.decode()
    form = {"version": "1", "revision": Form(page).sent["revision"]}
    change(name="Renamed", definition=DENMARK)
    answer = mine.post(f"/segments/{segment.key}/restore", form, follow=True)
    assert "was changed while you were editing it" in answer.content.decode()
    assert name_and_tree(segment) == ("Renamed", DENMARK)


def test_a_revision_that_nobody_signed_is_not_taken(
    mine: Client, segment: Segment, account: Account
) -> None:
    form = open_form(mine, segment)
    other = save_segment(account=account, user=None, name="Other", definition=NORWAY, at=AT)
    for revision in ("x", form["revision"][:-1], Revision.of(other).signed):
        assert save(mine, {**form, "revision": revision}, NORWAY).status_code == 404
    assert name_and_tree(segment) == ("North", SWEDEN)


def test_tags_of_both_are_kept() -> None:
    assert merged_tags(["a", "theirs"], ["a", "gone"], ["a", "gone", "mine"]) == [
        "a",
        "theirs",
        "mine",
    ]
    assert merged_tags(["a", "b"], ["a", "b"], ["b"]) == ["b"]


@pytest.mark.parametrize(
    ("definition", "name", "message"),
    [
        (EMPTY, "A name", "Add a condition first."),
        ({"condition_groups": [{"conditions": [{"not": {}}, {}]}]}, "", "Add a condition first."),
        (SWEDEN, "", "1 thing is missing."),
        ({"condition_groups": [{"conditions": [{"type": "profile-property"}]}]}, "", "3 things"),
    ],
)
def test_what_is_missing_is_said_beside_save(
    mine: Client, definition: Any, name: str, message: str
) -> None:
    response = mine.post("/segments/builder/save", {**form_drawn(definition).sent, "name": name})
    assert response.status_code == 422
    assert message in response.context["missing"]
    assert response.context["missing"] in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_one_is_told_of_the_other(account: Account, segment: Segment) -> None:
    revision, start = Revision.of(segment), Barrier(8, timeout=30)

    def try_to_save(country: str) -> bool:
        try:
            start.wait()
            save_segment(
                account=account,
                user=None,
                name="North",
                definition=either(of_country(country)),
                segment=segment,
                at=AT,
                since=revision,
            )
        except EditConflict:
            return False
        except ApplicationError as error:
            raise AssertionError(error) from error
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(try_to_save, "ABCDEFGH"))
    assert saved.count(True) == 1
    assert name_and_tree(segment)[1] == either(of_country("ABCDEFGH"[saved.index(True)]))
