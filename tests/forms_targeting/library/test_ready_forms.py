"""Every ready-made form is valid, speaks all languages, and asks for consent with an address."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.conf import settings

from forms_targeting.attributes import Kind
from forms_targeting.behavior import read_behavior
from forms_targeting.content.blocks.field import PREFIX
from forms_targeting.content.form_content import (
    FormContent,
    FormStep,
    read_content,
    translatable_texts,
    write_content,
)
from forms_targeting.content.public import public_content
from forms_targeting.library.ready_form import ReadyForm, ready_forms
from forms_targeting.rules.rule import read_rules
from segments.definition.codec import decode

NAMES = sorted(ready_forms)


@pytest.fixture(params=NAMES)
def ready(request: pytest.FixtureRequest) -> ReadyForm:
    return ready_forms[request.param]


ASKING = [name for name in NAMES if name != "blank"]


@pytest.fixture
def content(ready: ReadyForm) -> FormContent:
    return read_content(ready.content)


def test_the_library_has_the_forms_that_shops_ask_for() -> None:
    assert [
        *("back_in_stock", "blank", "event_nearby", "favourite_color", "newsletter"),
        *("next_order", "quiz", "win_back"),
    ] == NAMES


def test_everything_that_is_declared_is_valid_and_can_be_stored(ready: ReadyForm) -> None:
    content = read_content(json.loads(json.dumps(ready.content)))
    assert read_content(write_content(content)) == content
    assert read_behavior(ready.behavior).triggers
    assert len(read_rules(list(ready.rules))) == len(ready.rules)
    if ready.segment is not None:
        decode(ready.segment.definition)


def test_every_text_is_there_in_every_language(content: FormContent) -> None:
    texts = translatable_texts(content)
    others = {code for code, _name in settings.LANGUAGES} - {content.language}
    assert set(content.translations) == others
    for language in others:
        assert set(content.translations[language]) == set(texts)


def test_a_swedish_and_a_polish_visitor_read_no_english(content: FormContent) -> None:
    english = set(shown_texts(content, "en"))
    for language in ("sv-SE", "pl"):
        assert not english & set(shown_texts(content, language))


def shown_texts(content: FormContent, language: str) -> Iterator[str]:
    """Every text of three words or more, which no two languages share."""
    document = public_content(content, [language])
    for record in (record for step in document["steps"] for record in step["blocks"]):
        for name in ("text", "label", "wording"):
            if len(str(record.get(name, "")).split()) > 2:
                yield record[name]


@pytest.mark.parametrize("name", ASKING)
def test_a_form_that_asks_for_an_address_has_the_wording_of_a_consent(name: str) -> None:
    content = read_content(ready_forms[name].content)
    fields = [block.values["property"] for block in content.of_type("field")]
    assert "email" in fields
    consents = content.of_type("consent")
    assert [block.values["channel"] for block in consents] == ["email"]
    assert all(len(block.values["wording"]) > 40 for block in consents)


def test_the_last_step_says_that_it_worked_and_lets_the_visitor_close(
    content: FormContent,
) -> None:
    actions = [b.values["action"] for b in content.steps[-1].blocks if b.type == "button"]
    assert actions == ["close"]
    assert not any(block.type == "field" for block in content.steps[-1].blocks)


def test_every_step_can_be_reached(content: FormContent) -> None:
    branches = {branch.step for step in content.steps for branch in step.branches}
    assert branches <= {step.id for step in content.steps}
    assert [step.id for step in content.steps[:-1] if not advances(step)] == []


def advances(step: FormStep) -> bool:
    """Whether a button of a step leads to the next one."""
    actions = {block.values["action"] for block in step.blocks if block.type == "button"}
    return bool(actions & {"next", "submit"})


def test_a_quiz_stores_its_answer_and_leads_on_by_it() -> None:
    content = read_content(ready_forms["quiz"].content)
    answer = content.block("quiz-answer")
    assert answer is not None
    assert answer.values["property"] == f"{PREFIX}Quiz answer"
    values = {option["value"] for option in answer.values["options"]}
    assert {b.value for step in content.steps for b in step.branches} <= values


def test_no_value_of_an_option_depends_on_the_language(content: FormContent) -> None:
    for block in content.of_type("field"):
        for attribute in block.kind.attributes:
            if attribute.kind is Kind.OPTIONS:
                for option in block.values[attribute.name]:
                    assert option["value"].isascii()
