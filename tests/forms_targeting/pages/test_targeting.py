"""The tab of targeting: inputs made from declarations, errors at their place, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.behavior import read_behavior
from forms_targeting.engine.publishing import save_targeting
from forms_targeting.models import Form
from forms_targeting.pages.inputs import Choosable, make_inputs, read_inputs
from forms_targeting.rules.rule import RuleKind, read_rules, rule_kinds
from profiles.lists.editing import create_list
from profiles.models import List
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Problem
from tests.builders.forms import live_form, new_form
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db

EVERYTHING = "test_everything"
"""A kind of rule with an attribute of each kind."""
ATTRIBUTES = (
    Attribute("text", "Text", required=True, most=9),
    Attribute("long", "Long text", Kind.LONG_TEXT),
    Attribute("url", "Address", Kind.URL),
    Attribute("color", "Color", Kind.COLOR, "#ffffff"),
    Attribute("number", "Number", Kind.NUMBER, 5, least=1, most=10),
    Attribute("flag", "Flag", Kind.FLAG, True),
    Attribute("choice", "Choice", Kind.CHOICE, "a", choices=(("a", "A"), ("b", "B"))),
    Attribute("choices", "Choices", Kind.CHOICES, choices=(("a", "A"), ("b", "B"))),
    Attribute("texts", "Texts", Kind.TEXTS),
    Attribute("options", "Options", Kind.OPTIONS),
    Attribute("property", "Property", Kind.PROPERTY),
    Attribute("segments", "Segments", Kind.SEGMENTS, hint="Some segments."),
    Attribute("lists", "Lists", Kind.LISTS),
    Attribute("step", "Step", Kind.STEP),
)


def check(values: Any, pointer: str) -> list[Problem]:
    """What is wrong with two values together."""
    wrong = values["text"] == "bad"
    return [Problem(pointer, "invalid", "These do not go together.")] if wrong else []


@pytest.fixture(autouse=True)
def everything() -> Iterator[None]:
    kind = RuleKind(
        "Everything",
        ATTRIBUTES,
        lambda _values, _visit: True,
        lambda values, names: f"All of {', '.join(map(names.segment, values['segments']))}.",
        rank=-1,
        check=check,
    )
    rule_kinds.add(EVERYTHING, kind)
    yield
    del rule_kinds._entries[EVERYTHING]


@pytest.fixture
def browser(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def data(answer: Any, form_id: str = "targeting") -> dict[str, list[str]]:
    """What the page's form would send as it stands."""
    page = answer.content.decode().partition(f'id="{form_id}"')[2].partition("</form>")[0]
    values: dict[str, list[str]] = {}

    def add(name: str, value: str) -> None:
        values.setdefault(unescape(name), []).append(unescape(value))

    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_box = attributes.get("type") == "checkbox"
        if "name" in attributes and (not is_box or re.search(r"\schecked", tag)):
            add(attributes["name"], attributes.get("value", "on"))
    for opening, body in re.findall(r"<select([^>]*)>(.*?)</select>", page, re.DOTALL):
        name = re.search(r'name="([^"]*)"', opening)
        options = re.findall(r'<option\s+value="([^"]*)"([^>]*)>', body)
        selected = [value for value, rest in options if "selected" in rest]
        if name and options:
            add(name[1], [*selected, options[0][0]][0])
    for opening, body in re.findall(r"<textarea([^>]*)>(.*?)</textarea>", page, re.DOTALL):
        name = re.search(r'name="([^"]*)"', opening)
        assert name
        add(name[1], body)
    values.pop("csrfmiddlewaretoken", None)
    return values


def unescape(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        text = text.replace(entity, character)
    return text.replace("&amp;", "&")


def save(browser: Client, form: Form, values: Any) -> Any:
    return browser.post(f"/forms/{form.key}/targeting", values)


def whole_rule(account: Account) -> dict[str, Any]:
    """A record of EVERYTHING in which each value is another one than the default."""
    segment = new_segment(account, 'A "segment" & <more>', size=1284)
    group = create_list(account=account, name="News", at=AT)
    return {
        "rule": EVERYTHING,
        "text": "a & <b>",
        "long": "one\ntwo",
        "url": "https://example.com/?a=1&b=2",
        "color": "#00ff00",
        "number": 2.5,
        "flag": False,
        "choice": "b",
        "choices": ["b"],
        "texts": ["/a*", 'say "hi"'],
        "options": [{"value": "r", "label": "Red"}, {"value": "b", "label": "b"}],
        "property": "properties.Shoe size",
        "segments": [segment.key],
        "lists": [group.key],
        "step": "start",
    }


def test_a_page_that_is_saved_as_it_stands_changes_nothing(
    account: Account, browser: Client
) -> None:
    behavior = {
        "triggers": [
            *({"trigger": "custom", "name": "a"}, {"trigger": "custom", "name": "b"}),
            *({"trigger": "scroll", "share": 30}, {"trigger": "at_once"}),
        ],
        "match": "all",
        "again_after_days": 0,
        "stops_after_submit": False,
        "selector": "#place > div",
    }
    form = new_form(account, rules=[whole_rule(account)], behavior=behavior)
    before = (form.rules, form.behavior, form.priority, form.list, form.double_opt_in)
    answer = save(browser, form, data(browser.get(f"/forms/{form.key}/targeting")))
    assert answer.status_code == 302, answer.context["groups"]
    form.refresh_from_db()
    assert before == (form.rules, form.behavior, form.priority, form.list, form.double_opt_in)


@pytest.mark.parametrize("kind", [EVERYTHING, *sorted(rule_kinds)])
def test_every_kind_of_rule_has_a_row_whose_inputs_are_read_back(
    account: Account, browser: Client, kind: str
) -> None:
    new_segment(account)
    create_list(account=account, name="News", at=AT)
    form = new_form(account)
    query = {"group": "rules", "new-rules": kind}
    answer = browser.get(f"/forms/{form.key}/targeting/row", query)
    assert answer.status_code == 200
    row = answer.context["row"]
    attributes = rule_kinds[kind].attributes
    assert [each.attribute for each in row.inputs] == list(attributes)
    wrapped = QueryDict(mutable=True)
    answer.content = f'<form id="targeting">{answer.content.decode()}</form>'.encode()
    for name, values in data(answer).items():
        wrapped.setlist(name, values)
    read = read_inputs(attributes, wrapped, row.prefix)
    assert {name: value or None for name, value in read.items()} == {
        attribute.name: attribute.empty or None for attribute in attributes
    }
    assert (wrapped["rules"], wrapped[row.prefix]) == (row.name, kind)


def test_rows_of_unknown_kinds_are_not_made(account: Account, browser: Client) -> None:
    form = new_form(account)
    path = f"/forms/{form.key}/targeting/row"
    for query in (
        {},
        {"group": "rules"},
        {"group": "x"},
        {"group": "triggers", "new-triggers": "x"},
    ):
        assert browser.get(path, query).status_code == 404


def test_what_is_wrong_is_told_at_its_place_and_nothing_is_lost(
    account: Account, browser: Client
) -> None:
    form = new_form(account)
    values = {
        "rules": ["r1", "r2"],
        "triggers": ["t1"],
        "rules.r1": EVERYTHING,
        "rules.r1.text": "much too long",
        "rules.r1.number": "abc",
        "rules.r1.segments": ["nosuch"],
        "rules.r1.options": "a\na",
        "rules.r2": "from nowhere",
        "triggers.t1": "delay",
        "triggers.t1.seconds": "99999",
        "behavior.again_after_days": "-1",
        "behavior.match": "any",
        "priority": "first",
        "list": "nosuch",
        "updated": form.updated.isoformat(),
    }
    answer = save(browser, form, values)
    assert answer.status_code == 422
    first, second = answer.context["groups"]["rules"]["rows"]
    errors = {each.attribute.name: each.errors for each in first.inputs if each.errors}
    assert errors == {
        "text": ["At most 9 characters fit here."],
        "number": ["A number is needed here."],
        "options": ["Two options have the same value."],
    }
    assert second.errors == ["There is no such kind of rule."]
    trigger = answer.context["groups"]["triggers"]["rows"][0]
    assert trigger.inputs[0].errors == ["The number must lie between 0 and 3600."]
    frequency = {each.attribute.name: each.errors for each in answer.context["frequency"]}
    assert frequency["again_after_days"] == ["The number must lie between 0 and 3650."]
    assert answer.context["priority_errors"] == ["A whole number is needed here."]
    assert answer.context["list_errors"] == ["There is no such list."]
    again = data(answer)
    for name in ("rules", "rules.r1", "rules.r1.text", "rules.r1.number", "triggers.t1.seconds"):
        assert again[name] == (values[name] if isinstance(values[name], list) else [values[name]])
    page = answer.content.decode()
    assert 'aria-describedby="rules-r1-text-about"' in page
    assert "Nothing is saved: " in page
    form.refresh_from_db()
    assert form.rules == []


def test_a_segment_that_was_deleted_is_told_and_can_be_taken_away(
    account: Account, browser: Client
) -> None:
    rule = whole_rule(account)
    form = new_form(account, rules=[rule])
    account_segment = rule["segments"][0]
    from_elsewhere = data(browser.get(f"/forms/{form.key}/targeting"))
    segments = f"rules.{from_elsewhere['rules'][0]}.segments"
    new_segment(account, "Other")
    type(new_segment(account, "Third")).objects.filter(key=account_segment).delete()
    answer = save(browser, form, from_elsewhere)
    assert answer.status_code == 422
    row = answer.context["groups"]["rules"]["rows"][0]
    wrong = next(each for each in row.inputs if each.attribute.name == "segments")
    assert wrong.errors == ["There is no such segment."]
    assert [option.label for option in wrong.options if option.is_chosen] == [account_segment]
    assert save(browser, form, {**from_elsewhere, segments: []}).status_code == 302


def test_values_that_do_not_go_together_are_told_at_the_rule(
    account: Account, browser: Client
) -> None:
    form = new_form(account)
    answer = save(
        browser, form, {"rules": "r", "rules.r": EVERYTHING, "rules.r.text": "bad", "priority": "1"}
    )
    row = answer.context["groups"]["rules"]["rows"][0]
    assert row.errors == ["These do not go together."]


def test_segments_and_lists_are_chosen_by_name_with_their_sizes(
    account: Account, other_account: Account, browser: Client, people: list[Any]
) -> None:
    new_segment(other_account, "Foreign")
    form = new_form(account, rules=[whole_rule(account)])
    new_segment(account, "AAA first by name", size=7)
    answer = browser.get(f"/forms/{form.key}/targeting")
    inputs = {
        each.attribute.name: each for each in answer.context["groups"]["rules"]["rows"][0].inputs
    }
    assert [(o.label, o.size) for o in inputs["segments"].options] == [
        *(('A "segment" & <more>', 1284), ("AAA first by name", 7)),
    ]
    assert [(o.label, o.size) for o in inputs["lists"].options] == [("News", 0), ("Newsletter", 1)]
    page = answer.content.decode()
    assert "1,284 people" in page
    assert "Foreign" not in page
    assert "All of A &quot;segment&quot; &amp; &lt;more&gt;." in page


def test_list_double_opt_in_and_priority_are_saved(
    account: Account, browser: Client, people: list[Any]
) -> None:
    form, _version = live_form(account)
    group = List.objects.get(account=account)
    values = data(browser.get(f"/forms/{form.key}/targeting"))
    values |= {"list": [group.key], "double_opt_in": ["on"], "priority": ["42"]}
    answer = browser.post(f"/forms/{form.key}/targeting", values, follow=True)
    assert "Visitors see the form by these rules from now on." in answer.content.decode()
    form.refresh_from_db()
    assert (form.list, form.double_opt_in, form.priority) == (group, True, 42)


def test_a_list_of_another_account_is_no_list(
    account: Account, other_account: Account, browser: Client
) -> None:
    form = new_form(account)
    theirs = create_list(account=other_account, name="Theirs", at=AT)
    for key in (theirs.key, "\x01", "x" * 500):
        answer = save(browser, form, {"list": key, "priority": "1"})
        assert answer.context["list_errors"] == ["There is no such list."]


def test_somebody_else_s_change_is_not_overwritten_unseen(
    account: Account, browser: Client
) -> None:
    form = new_form(account)
    values = data(browser.get(f"/forms/{form.key}/targeting"))
    save_targeting(form=form, rules=[], behavior={}, priority=7, at=AT + timedelta(hours=1))
    answer = save(browser, form, {**values, "priority": "9"})
    assert answer.status_code == 422
    assert "Somebody else changed this form meanwhile." in answer.content.decode()
    form.refresh_from_db()
    assert form.priority == 7
    assert save(browser, form, data(answer)).status_code == 302
    form.refresh_from_db()
    assert form.priority == 9


def test_the_words_follow_what_the_page_holds_and_save_nothing(
    account: Account, browser: Client
) -> None:
    form = new_form(account)
    path = f"/forms/{form.key}/targeting/words"
    values = {"triggers": ["t"], "triggers.t": "scroll", "triggers.t.share": "25"}
    page = browser.post(path, values).content.decode()
    assert "Every visitor, on every page." in page
    assert "After scrolling: 25" in page
    page = browser.post(path, {**values, "triggers.t.share": "900"}).content.decode()
    assert "1 thing is missing or wrong." in page
    form.refresh_from_db()
    assert form.behavior["triggers"] == [{"trigger": "at_once"}]


def test_a_viewer_reads_the_words(account: Account, viewer: User, sign_in: SignIn) -> None:
    form = new_form(account, rules=[whole_rule(account)])
    page = sign_in(viewer).get(f"/forms/{form.key}/targeting").content.decode()
    assert "All of A &quot;segment&quot;" in page
    assert 'id="targeting"' not in page


def test_which_forms_win_is_told(account: Account, browser: Client) -> None:
    first, second = new_form(account, "First"), new_form(account, "Second")
    assert browser.get(f"/forms/{first.key}/targeting").context["winners"] == []
    assert browser.get(f"/forms/{second.key}/targeting").context["winners"] == [first]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("12", 12), ("2.50", 2.5), ("2,5", 2.5), ("-3", -3), ("0,125", 0.125)),
        *(("1,000", "1,000"), ("1e3", "1e3"), ("NaN", "NaN"), ("١", "١"), ("1_0", "1_0")),
    ],
)
def test_a_number_is_read_or_left_as_it_is(text: str, value: Any) -> None:
    attribute = Attribute("n", "N", Kind.NUMBER, most=5_000)
    form_data = QueryDict(mutable=True)
    form_data["x.n"] = text
    assert read_inputs([attribute], form_data, "x") == {"n": value}


def test_rubbish_in_every_place_saves_nothing_or_something_valid(
    account: Account, browser: Client
) -> None:
    form = new_form(account)
    for rubbish in ("", "💥", "a" * 5_000, "<script>", "[]", "-1", "1e309"):
        names = [f"rules.r.{each.name}" for each in ATTRIBUTES]
        values = {
            **dict.fromkeys(names, rubbish),
            "rules": ["r", rubbish, "r"],
            "rules.r": EVERYTHING,
            "triggers": rubbish,
            "behavior.match": rubbish,
            "updated": rubbish,
            "priority": rubbish,
        }
        answer = save(browser, form, values)
        assert answer.status_code in {302, 422}
        form.refresh_from_db()
        read_rules(form.rules)
        read_behavior(form.behavior)


def test_an_attribute_without_a_control_of_its_own_is_a_line_of_text(account: Account) -> None:
    inputs = make_inputs("x", ATTRIBUTES, {}, Choosable(account))
    assert {
        each.template.rpartition("/")[2] for each in inputs if each.attribute.kind is Kind.STEP
    } == {"text.html"}
