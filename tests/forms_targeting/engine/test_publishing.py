"""Creating, publishing, pausing and archiving forms; two people who do it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.engine import publishing
from forms_targeting.engine.form_order import forms_in_order, move_form, order_forms
from forms_targeting.engine.publishing import (
    LETTERS,
    MOST_FORMS,
    add_variant,
    archive,
    create_form,
    delete_form,
    duplicate,
    get_form,
    get_variant,
    pause,
    publish,
    rename_form,
    restore,
    save_content,
    save_targeting,
    set_variant,
    unpublished_letters,
)
from forms_targeting.engine.sites import site_of
from forms_targeting.models import Form, FormStatus, FormVersion, FormView, Site
from forms_targeting.rules.rule import RuleKind, rule_kinds
from profiles.models import List
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import ApplicationError, Conflict, Invalid, NotFound
from tests.builders.forms import CONTENT, form_content, live_form, new_form
from tests.builders.shops import at_once, new_segment
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)
RULE = "test_members"


@pytest.fixture
def member_rule() -> Any:
    """A kind of rule about segments and lists that only this test has."""
    attributes = (
        Attribute("segments", "Segments", Kind.SEGMENTS),
        Attribute("lists", "Lists", Kind.LISTS),
    )
    kind = RuleKind("Members", attributes, lambda _v, _visit: True, lambda _v, _n: "", rank=1)
    rule_kinds.add(RULE, kind)
    yield RULE
    del rule_kinds._entries[RULE]


def pointers(work: Callable[[], Any], kind: type[ApplicationError] = Invalid) -> list[str]:
    with pytest.raises(kind) as caught:
        work()
    return [problem.pointer for problem in caught.value.problems]


def view(form: Form, version: FormVersion) -> FormView:
    return FormView.objects.create(
        account=form.account,
        form=form,
        version=version,
        key=uuid4(),
        at=AT,
        day=AT.date(),
        page="/",
        device="phone",
    )


# --- creating and naming -------------------------------------------------------------------------


def test_a_new_form_is_a_draft_with_one_variant_behind_the_others(account: Account) -> None:
    first, second = new_form(account, "  First   form "), new_form(account, "Second")
    assert (first.name, first.status, first.published) == ("First form", "draft", None)
    assert first.priority < second.priority
    variant = get_variant(first, "A")
    assert [row.letter for row in first.variants.all()] == ["A"]
    assert (variant.weight, variant.is_active) == (1, True)
    assert first.behavior["triggers"] == [{"trigger": "at_once"}]
    assert not FormVersion.objects.exists()


def test_all_that_is_wrong_with_a_new_form_is_told_at_once(account: Account) -> None:
    content = {**CONTENT, "kind": "poster"}
    work = lambda: create_form(  # noqa: E731
        account=account,
        user=None,
        name=" ",
        content=content,
        rules=[{"rule": "none such"}],
        behavior={"triggers": [{"trigger": "full moon"}]},
        at=AT,
    )
    assert pointers(work) == [
        *("/name", "/content/kind", "/rules/0/rule", "/behavior/triggers/0/trigger"),
    ]
    assert not Form.objects.exists()


@pytest.mark.parametrize("name", ["", " \n ", "x" * 121, "a\x00b", "a\u202eb"])
def test_a_name_has_limits(account: Account, name: str) -> None:
    form = new_form(account)
    assert pointers(lambda: rename_form(form=form, name=name, at=LATER)) == ["/name"]
    assert rename_form(form=form, name=" A  new name ", at=LATER).name == "A new name"


def test_an_account_has_a_limited_number_of_forms_that_are_not_archived(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_FORMS >= 100
    monkeypatch.setattr(publishing, "MOST_FORMS", 2)
    first, second = new_form(account), new_form(account)
    for work in (lambda: new_form(account), lambda: duplicate(form=first, user=None, at=AT)):
        assert pointers(work, Conflict) == [""]
    archive(form=second, at=AT)
    new_form(account)
    assert pointers(lambda: restore(form=second, at=AT), Conflict) == [""]


# --- publishing ----------------------------------------------------------------------------------


def test_publishing_makes_a_version_of_each_active_variant_that_changed(
    account: Account, owner: User
) -> None:
    form = new_form(account)
    add_variant(form=form, at=AT)
    set_variant(variant=add_variant(form=form, at=AT), is_active=False, at=AT)
    versions = publish(form=form, user=owner, at=AT)
    assert [(v.variant.letter, v.number, v.user) for v in versions] == [
        *(("A", 1, owner), ("B", 1, owner)),
    ]
    assert len({version.key for version in versions}) == 2
    save_content(variant=get_variant(form, "B"), content=form_content("Better"), at=LATER)
    assert unpublished_letters(form) == ["B"]
    again = publish(form=form, user=owner, at=LATER)
    assert [(v.variant.letter, v.number) for v in again] == [("B", 2)]
    assert unpublished_letters(form) == []
    form.refresh_from_db()
    assert (form.status, form.published) == (FormStatus.LIVE, LATER)


def test_publishing_what_did_not_change_does_nothing(account: Account) -> None:
    form, _version = live_form(account)
    before = Form.objects.values().get(), Site.objects.values().get()
    assert publish(form=form, user=None, at=LATER) == []
    assert (Form.objects.values().get(), Site.objects.values().get()) == before


def test_a_version_says_for_ever_what_it_said(account: Account) -> None:
    form, version = live_form(account)
    before = FormVersion.objects.values().get(pk=version.pk)
    save_content(variant=get_variant(form, "A"), content=form_content("New"), at=LATER)
    publish(form=form, user=None, at=LATER)
    archive(form=form, at=LATER)
    assert FormVersion.objects.values().get(pk=version.pk) == before


def test_what_cannot_be_shown_is_not_published(account: Account, member_rule: str) -> None:
    segment = new_segment(account)
    form = new_form(account, rules=[{"rule": member_rule, "segments": [segment.key]}])
    segment.delete()
    form.variants.update(content={"kind": "popup", "steps": []})
    assert pointers(lambda: publish(form=form, user=None, at=AT)) == [
        *("/rules/0/segments/0", "/variants/A/content/steps"),
    ]
    form.refresh_from_db()
    assert form.status == FormStatus.DRAFT


def test_a_status_changes_along_its_ways(account: Account) -> None:
    form = new_form(account)
    assert pointers(lambda: pause(form=form, at=AT), Conflict) == [""]
    assert pointers(lambda: restore(form=form, at=AT), Conflict) == [""]
    publish(form=form, user=None, at=AT)
    assert pause(form=form, at=AT).status == FormStatus.PAUSED
    assert pause(form=form, at=AT).status == FormStatus.PAUSED
    publish(form=form, user=None, at=LATER)
    assert archive(form=form, at=AT).status == FormStatus.ARCHIVED
    assert pointers(lambda: publish(form=form, user=None, at=AT), Conflict) == [""]
    assert restore(form=form, at=AT).status == FormStatus.PAUSED


# --- deleting ------------------------------------------------------------------------------------


def test_only_a_form_that_nobody_saw_is_deleted(account: Account) -> None:
    form, version = live_form(account)
    assert pointers(lambda: delete_form(form=form), Conflict) == [""]
    pause(form=form, at=AT)
    row = view(form, version)
    assert pointers(lambda: delete_form(form=form), Conflict) == [""]
    row.delete()
    delete_form(form=form)
    delete_form(form=new_form(account))
    assert not Form.objects.exists()
    assert not FormVersion.objects.exists()


# --- contents and variants -----------------------------------------------------------------------


def test_saving_over_what_somebody_else_saved_is_a_conflict(account: Account) -> None:
    form = new_form(account)
    variant = get_variant(form, "A")
    stamp = variant.updated
    content = form_content("Mine")
    first = save_content(variant=variant, content=content, at=AT, updated=stamp)
    assert first.updated != stamp, "the stamp changes though the time is the same"
    other = form_content("Theirs")
    work = lambda: save_content(variant=variant, content=other, at=AT, updated=stamp)  # noqa: E731
    assert pointers(work, Conflict) == [""]
    assert get_variant(form, "A").content["steps"][0]["blocks"][0]["text"] == "Mine"
    save_content(variant=variant, content=other, at=AT, updated=first.updated)
    assert get_variant(form, "A").content["steps"][0]["blocks"][0]["text"] == "Theirs"


def test_what_is_wrong_with_a_content_is_told_at_its_place(account: Account) -> None:
    variant = get_variant(new_form(account), "A")
    content = form_content(wording="")
    work = lambda: save_content(variant=variant, content=content, at=AT)  # noqa: E731
    assert pointers(work) == ["/steps/0/blocks/2/wording"]


def test_a_form_has_at_most_as_many_variants_as_letters(account: Account) -> None:
    form = new_form(account)
    for letter in LETTERS[1:]:
        assert add_variant(form=form, at=AT).letter == letter
    assert pointers(lambda: add_variant(form=form, at=AT), Conflict) == [""]
    with pytest.raises(NotFound):
        add_variant(form=form, letter="Z", at=AT)


def test_one_variant_at_least_stays_active(account: Account) -> None:
    form = new_form(account)
    first, second = get_variant(form, "A"), add_variant(form=form, at=AT)
    set_variant(variant=first, is_active=False, at=AT)
    work = lambda: set_variant(variant=second, is_active=False, at=AT)  # noqa: E731
    assert pointers(work) == ["/is_active"]
    assert set_variant(variant=second, weight=3, at=AT).is_active


@pytest.mark.parametrize("weight", [0, -1, 101])
def test_a_share_lies_between_1_and_100(account: Account, weight: int) -> None:
    variant = get_variant(new_form(account), "A")
    work = lambda: set_variant(variant=variant, weight=weight, at=AT)  # noqa: E731
    assert pointers(work) == ["/weight"]


def test_a_copy_is_a_draft_that_says_and_asks_the_same(account: Account, owner: User) -> None:
    news = List.objects.create(account=account, name="News", created=AT, updated=AT)
    form, _version = live_form(account, "x" * 120)
    form = save_targeting(
        form=form, rules=[], behavior={"triggers": [{"trigger": "exit"}]}, list=news, at=AT
    )
    set_variant(variant=add_variant(form=form, at=AT), weight=4, at=AT)
    copy = duplicate(form=form, user=owner, at=LATER)
    assert (copy.status, copy.user, len(copy.name)) == (FormStatus.DRAFT, owner, 120)
    assert copy.key != form.key
    assert (copy.behavior, copy.list) == (form.behavior, news)
    contents = [
        list(f.variants.order_by("letter").values_list("letter", "weight", "content"))
        for f in (form, copy)
    ]
    assert contents[0] == contents[1]
    assert not copy.versions.exists()
    assert copy.priority > form.priority


# --- targeting -----------------------------------------------------------------------------------


def test_targeting_names_only_segments_and_lists_of_the_account(
    account: Account, other_account: Account, member_rule: str
) -> None:
    form = new_form(account)
    mine, foreign = new_segment(account), new_segment(other_account)
    theirs = List.objects.create(account=other_account, name="News", created=AT, updated=AT)
    rules = [{"rule": member_rule, "segments": [mine.key, foreign.key], "lists": [theirs.key]}]
    work = lambda: save_targeting(form=form, rules=rules, behavior={}, at=AT)  # noqa: E731
    assert pointers(work) == ["/rules/0/segments/1", "/rules/0/lists/0"]
    with pytest.raises(NotFound):
        save_targeting(form=form, rules=[], behavior={}, list=theirs, at=AT)
    rules = [{"rule": member_rule, "segments": [mine.key]}]
    row = save_targeting(form=form, rules=rules, behavior={}, double_opt_in=True, at=AT)
    assert row.rules == [{"rule": member_rule, "segments": [mine.key], "lists": []}]
    assert row.double_opt_in


def test_targeting_that_somebody_else_saved_is_a_conflict(account: Account) -> None:
    form = new_form(account)
    stamp = form.updated
    save_targeting(form=form, rules=[], behavior={}, priority=7, at=AT, updated=stamp)
    work = lambda: save_targeting(  # noqa: E731
        form=form, rules=[], behavior={}, priority=9, at=AT, updated=stamp
    )
    assert pointers(work, Conflict) == [""]
    assert get_form(account, form.key).priority == 7


def test_a_priority_has_limits(account: Account) -> None:
    form = new_form(account)
    work = lambda: save_targeting(form=form, rules=[], behavior={}, priority=-1, at=AT)  # noqa: E731
    assert pointers(work) == ["/priority"]


def test_forms_stand_in_the_order_they_are_put_in(account: Account, other_account: Account) -> None:
    first, second, third = (new_form(account, name) for name in "abc")
    order_forms(account=account, keys=[third.key, first.key], at=AT)
    assert list(Form.objects.filter(account=account).order_by("priority")) == [third, first, second]
    with pytest.raises(NotFound):
        order_forms(account=account, keys=[new_form(other_account).key], at=AT)


def test_a_form_moves_among_those_that_are_not_archived(account: Account) -> None:
    first, second, third, fourth = (new_form(account, name) for name in "abcd")
    archive(form=second, at=AT)
    move_form(form=fourth, by=-1, at=AT)
    assert forms_in_order(account) == [first, fourth, third]
    move_form(form=first, by=-1, at=AT)
    move_form(form=first, by=1, at=AT)
    move_form(form=third, by=9, at=AT)
    assert forms_in_order(account) == [fourth, first, third]
    with pytest.raises(NotFound):
        move_form(form=second, by=1, at=AT)


# --- everything ----------------------------------------------------------------------------------


def changes(form: Form) -> list[tuple[str, Callable[[], Any]]]:
    """Every verb on a form, in an order in which each changes something."""
    variant = get_variant(form, "A")
    return [
        ("rename", lambda: rename_form(form=form, name="Other", at=LATER)),
        ("save", lambda: save_content(variant=variant, content=form_content("X"), at=LATER)),
        ("targeting", lambda: save_targeting(form=form, rules=[], behavior={}, at=LATER)),
        ("variant", lambda: add_variant(form=form, at=LATER)),
        ("weight", lambda: set_variant(variant=variant, weight=2, at=LATER)),
        ("publish", lambda: publish(form=form, user=None, at=LATER)),
        ("pause", lambda: pause(form=form, at=LATER)),
        ("archive", lambda: archive(form=form, at=LATER)),
        ("restore", lambda: restore(form=form, at=LATER)),
        ("duplicate", lambda: duplicate(form=form, user=None, at=LATER)),
        ("order", lambda: order_forms(account=form.account, keys=[form.key], at=LATER)),
        ("delete", lambda: delete_form(form=form)),
    ]


def test_each_change_counts_up_the_site_in_its_own_transaction(account: Account) -> None:
    form = new_form(account)
    for name, change in changes(form):
        if name == "save":
            continue  # visitors see none of it: the next test
        before = site_of(account, at=AT).revision
        with transaction.atomic():
            change()
            transaction.set_rollback(True)
        assert site_of(account, at=AT).revision == before, name
        change()
        assert site_of(account, at=AT).revision > before, name


def test_content_that_is_only_saved_makes_no_process_read_its_forms_anew(account: Account) -> None:
    form, _version = live_form(account)
    before = site_of(account, at=AT).revision
    save_content(variant=get_variant(form, "A"), content=form_content("Draft"), at=LATER)
    assert site_of(account, at=AT).revision == before


def test_a_form_that_is_gone_or_anothers_is_not_found(
    account: Account, other_account: Account
) -> None:
    form = new_form(account)
    for stranger_key in (form.key, "nosuch", ""):
        with pytest.raises(NotFound):
            get_form(other_account, stranger_key)
    works = changes(form)[:-2]
    Form.objects.all().delete()
    for name, work in works:
        assert pointers(work, NotFound) == [""], name


def test_the_newest_versions_are_read_without_the_older_ones(account: Account) -> None:
    form, _version = live_form(account)
    for number in range(3):
        save_content(variant=get_variant(form, "A"), content=form_content(f"{number}"), at=LATER)
        publish(form=form, user=None, at=LATER)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert unpublished_letters(form) == []
    assert len(queries) == 2


@pytest.mark.django_db(transaction=True)
def test_two_people_who_publish_at_once_make_one_version(account: Account, owner: User) -> None:
    form = new_form(account)
    add_variant(form=form, at=AT)
    results = at_once(*[lambda: publish(form=form, user=owner, at=AT)] * 4)
    assert sorted(len(versions) for versions in results) == [0, 0, 0, 2]
    assert FormVersion.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_save_at_once_one_learns_of_the_other(account: Account) -> None:
    variant = get_variant(new_form(account), "A")

    def save(heading: str) -> str:
        content = form_content(heading)
        try:
            save_content(variant=variant, content=content, at=AT, updated=variant.updated)
        except Conflict:
            return ""
        return heading

    winners = [name for name in at_once(partial(save, "Anna"), partial(save, "Bo")) if name]
    variant.refresh_from_db()
    assert [variant.content["steps"][0]["blocks"][0]["text"]] == winners


@pytest.mark.django_db(transaction=True)
def test_people_who_change_different_things_at_once_all_succeed(account: Account) -> None:
    forms = [new_form(account, name) for name in "abcd"]
    before = site_of(account, at=AT).revision
    works: list[Callable[[], Any]] = [lambda: order_forms(account=account, keys=[], at=AT)]
    works += [partial(publish, form=form, user=None, at=AT) for form in forms]
    works += [lambda: new_form(account, "e"), lambda: new_form(account, "f")]
    at_once(*works)
    assert Form.objects.filter(account=account, status=FormStatus.LIVE).count() == 4
    assert site_of(account, at=AT).revision == before + len(works)
