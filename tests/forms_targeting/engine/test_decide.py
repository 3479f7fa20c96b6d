"""Decisions: forms by their rules, variants by their shares, and broken forms for nobody."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_targeting.engine.decide import matching_forms, outcomes, variant_for
from forms_targeting.engine.form_order import order_forms
from forms_targeting.engine.live_forms import LiveForm, LiveVariant, live_forms, read_live_forms
from forms_targeting.engine.publishing import (
    add_variant,
    archive,
    pause,
    publish,
    save_content,
    set_variant,
)
from forms_targeting.engine.sites import note_change, site_of
from forms_targeting.models import Form, FormVersion
from forms_targeting.rules.rule import read_rules
from forms_targeting.visit import Visit
from profiles.lists.editing import create_list
from segmenter.accounts.models import Account
from tests.builders.forms import CONTENT, form_content, live_form, new_form
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT


def form(*records: dict[str, Any], weights: str = "1", key: str = "form12") -> LiveForm:
    variants = tuple(
        LiveVariant(letter, int(weight), f"v{letter}", None, {})  # type: ignore[arg-type]
        for letter, weight in zip("ABCDEF", weights.split(), strict=False)
    )
    return LiveForm(key, "Form", read_rules(list(records)), {}, variants)


SALE = {"rule": "url", "texts": ["/sale"]}
PHONE = {"rule": "device", "devices": ["phone"]}


def test_all_rules_of_a_form_must_hold() -> None:
    visit = Visit(url="https://shop.example/sale", device="phone")
    forms = [form(), form(SALE), form(SALE, PHONE)]
    assert matching_forms(forms, visit) == forms
    assert matching_forms(forms, Visit(url=visit.url)) == forms[:2]
    assert matching_forms(forms, Visit()) == forms[:1]


def test_each_rule_says_whether_it_holds() -> None:
    visit = Visit(url="https://shop.example/sale")
    assert [each.holds for each in outcomes(form(SALE, PHONE).rules, visit)] == [True, False]


def test_a_visitor_sees_the_same_variant_always() -> None:
    both = form(weights="1 1")
    visitors = [f"visitor-{number}" for number in range(50)]
    first = [variant_for(both, visitor) for visitor in visitors]
    assert [variant_for(both, visitor) for visitor in visitors] == first
    assert {variant.letter for variant in first} == {"A", "B"}


def test_forms_divide_visitors_independently_of_each_other() -> None:
    one, other = form(weights="1 1"), form(weights="1 1", key="other1")
    pairs = Counter(
        (variant_for(one, str(n)).letter, variant_for(other, str(n)).letter) for n in range(4_000)
    )
    assert all(850 < pairs[first, second] < 1_150 for first in "AB" for second in "AB")


def test_variants_are_seen_in_the_shares_of_their_weights() -> None:
    shares = Counter(variant_for(form(weights="1 3 0"), str(n)).letter for n in range(10_000))
    assert 2_300 < shares["A"] < 2_700
    assert shares["C"] == 0
    assert shares["A"] + shares["B"] == 10_000


def test_who_saw_another_variant_keeps_it_when_one_goes() -> None:
    three, two = form(weights="1 1 1"), form(weights="1 1 0")
    for number in range(500):
        before, after = variant_for(three, str(number)), variant_for(two, str(number))
        assert before.letter == "C" or after.letter == before.letter


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=50))
def test_any_text_may_be_a_visitor(visitor: str) -> None:
    assert variant_for(form(weights="1 2"), visitor).letter in "AB"


@pytest.mark.django_db
def test_live_forms_are_those_that_were_published_by_priority(account: Account) -> None:
    keys = [live_form(account, name)[0].key for name in ("First", "Second", "Third")]
    draft, old = new_form(account, "Draft"), live_form(account, "Old")[0]
    pause(form=live_form(account, "Waiting")[0], at=AT)
    archive(form=old, at=AT)
    assert [each.key for each in read_live_forms(account).forms] == keys
    order_forms(account=account, keys=[keys[2], keys[0]], at=AT)
    assert [each.key for each in read_live_forms(account).forms] == [keys[2], keys[0], keys[1]]
    assert draft.key not in read_live_forms(account).faults


@pytest.mark.django_db
def test_visitors_see_the_last_published_version_of_each_active_variant(account: Account) -> None:
    row, version = live_form(account)
    (variant,) = row.variants.all()
    save_content(variant=variant, content=form_content("Later"), at=AT)
    add_variant(form=row, at=AT)
    (live,) = read_live_forms(account).forms
    assert [each.version_key for each in live.variants] == [version.key]
    newest = publish(form=row, user=None, at=AT)
    (live,) = read_live_forms(account).forms
    assert [each.version_key for each in live.variants] == [each.key for each in newest]
    assert live.variants[0].documents["en"]["steps"][0]["blocks"][0]["text"] == "Later"
    set_variant(variant=variant, is_active=False, at=AT)
    (live,) = read_live_forms(account).forms
    assert [each.letter for each in live.variants] == ["B"]


@pytest.mark.django_db
def test_a_process_reads_the_forms_again_when_they_change(
    account: Account, django_assert_num_queries: Any
) -> None:
    row, _version = live_form(account)
    site = site_of(account, at=AT)
    assert [each.key for each in live_forms(site).forms] == [row.key]
    with django_assert_num_queries(0):
        live_forms(site)
    pause(form=row, at=AT)
    site.refresh_from_db()
    assert live_forms(site).forms == ()


def broken_content() -> dict[str, Any]:
    content = deepcopy(CONTENT)
    content["steps"][0]["blocks"][0]["type"] = "hologram"
    return content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"rules": [{"rule": "moon phase"}]}, "/rules/0/rule"),
        ({"rules": [{"rule": "segments"}]}, "/rules/0/segments"),
        ({"rules": [SALE, {"rule": "segments", "segments": ["gone12"]}]}, "/rules/1/segments/0"),
        (
            {"rules": [{"rule": "segments", "operator": "none", "segments": ["gone12"]}]},
            "/rules/0/segments/0",
        ),
        ({"rules": [{"rule": "lists", "lists": ["gone12"]}]}, "/rules/0/lists/0"),
        ({"rules": {"rule": "url"}}, "/rules"),
        ({"rules": None}, "/rules"),
        ({"behavior": {"triggers": [{"trigger": "moon"}]}}, "/behavior/triggers/0/trigger"),
        ({"behavior": []}, "/behavior"),
    ],
)
def test_a_form_that_cannot_be_read_is_shown_to_nobody_and_says_why(
    account: Account, fields: dict[str, Any], place: str
) -> None:
    fine, _version = live_form(account, "Fine")
    row, _version = live_form(account)
    for name, value in fields.items():
        setattr(row, name, value)
    if fields.get("rules", []) is None:
        row.rules = "rubbish"
    row.save()
    note_change(account, at=AT)
    forms = live_forms(site_of(account, at=AT))
    assert [each.key for each in forms.forms] == [fine.key]
    assert [problem.pointer for problem in forms.faults[row.key]] == [place]


@pytest.mark.django_db
def test_a_form_with_a_variant_that_cannot_be_read_is_shown_to_nobody(account: Account) -> None:
    row, version = live_form(account)
    add_variant(form=row, at=AT)
    publish(form=row, user=None, at=AT)
    FormVersion.objects.filter(pk=version.pk).update(content=broken_content())
    forms = read_live_forms(account)
    assert forms.forms == ()
    pointers = [problem.pointer for problem in forms.faults[row.key]]
    assert pointers == ["/variants/A/content/steps/0/blocks/0/type"]


@pytest.mark.django_db
def test_a_form_without_anything_published_is_shown_to_nobody(account: Account) -> None:
    row = new_form(account)
    Form.objects.filter(pk=row.pk).update(status="live")
    forms = read_live_forms(account)
    assert forms.forms == ()
    assert [problem.pointer for problem in forms.faults[row.key]] == ["/variants"]


@pytest.mark.django_db
def test_segments_and_lists_of_another_account_are_gone(
    account: Account, other_account: Account
) -> None:
    segment = new_segment(other_account)
    group = create_list(account=other_account, name="News", at=AT)
    row, _version = live_form(account)
    row.rules = [
        {"rule": "segments", "segments": [segment.key]},
        {"rule": "lists", "lists": [group.key]},
    ]
    row.save()
    assert [p.code for p in read_live_forms(account).faults[row.key]] == ["not_found"] * 2
