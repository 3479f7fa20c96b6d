"""The content of forms: what is read is written back, and what is wrong is told at its place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from forms_targeting.content.form_content import read_content, write_content
from forms_targeting.content.public import public_content
from segmenter.kernel.errors import Invalid

NEWSLETTER: dict[str, Any] = {
    "kind": "popup",
    "language": "en",
    "style": {"button": "#AA0000"},
    "steps": [
        {
            "id": "start",
            "blocks": [
                {"id": "title", "type": "heading", "text": "News from us"},
                {
                    "id": "mail",
                    "type": "field",
                    "property": "email",
                    "input": "email",
                    "label": "E-mail",
                },
                {
                    "id": "color",
                    "type": "field",
                    "property": "properties.Favourite colour",
                    "input": "radio",
                    "label": "Favourite colour",
                    "options": [{"value": "red", "label": "Red"}, {"value": "blue"}],
                },
                {"id": "yes", "type": "consent", "channel": "email", "wording": "I want news."},
                {"id": "send", "type": "button", "label": "Sign up"},
            ],
            "branches": [{"field": "color", "value": "red", "step": "thanks"}],
        },
        {"id": "more", "blocks": [{"id": "m", "type": "text", "text": "More"}]},
        {"id": "thanks", "blocks": [{"id": "t", "type": "text", "text": "Thank you"}]},
    ],
    "translations": {"sv": {"title.text": "Nytt från oss", "color.options.red": "Röd"}},
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**deepcopy(NEWSLETTER), **parts}


def places(record: Any) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        read_content(record)
    return {(problem.pointer, problem.code) for problem in error.value.problems}


def test_what_is_read_is_written_back() -> None:
    content = read_content(NEWSLETTER)
    assert read_content(write_content(content)) == content
    assert content.style["button"] == "#aa0000"


def test_the_page_gets_one_language_and_nothing_else() -> None:
    public = public_content(read_content(NEWSLETTER), ["sv-SE", "en"])
    heading, _mail, color = public["steps"][0]["blocks"][:3]
    assert public["language"] == "sv"
    assert "translations" not in public
    assert heading["text"] == "Nytt från oss"
    assert [option["label"] for option in color["options"]] == ["Röd", "blue"]
    assert public_content(read_content(NEWSLETTER), ["de"])["language"] == "en"


def test_every_problem_is_told_at_its_place() -> None:
    record = changed(kind="poster", language="xx", style={"width": 5, "button": "red"})
    record["steps"][0]["blocks"][0]["text"] = " "
    record["steps"][1]["blocks"][0]["type"] = "video"
    assert places(record) == {
        ("/kind", "invalid"),
        ("/language", "invalid"),
        ("/style/width", "out_of_range"),
        ("/style/button", "invalid"),
        ("/steps/0/blocks/0/text", "required"),
        ("/steps/1/blocks/0/type", "invalid"),
    }


@pytest.mark.parametrize("record", [None, [], "x", {}, {"kind": "popup", "steps": [1]}])
def test_rubbish_is_refused(record: Any) -> None:
    assert places(record)


def test_a_form_that_asks_can_be_submitted() -> None:
    record = changed()
    record["steps"][0]["blocks"].pop()
    assert places(record) == {("/steps", "no_submit")}


def test_a_consent_needs_an_input_for_its_address() -> None:
    record = changed()
    record["steps"][0]["blocks"][3]["channel"] = "sms"
    assert places(record) == {("/steps/0/blocks/3/channel", "no_address")}


def test_branches_lead_to_steps_by_inputs_seen_before() -> None:
    record = changed()
    record["steps"][0]["branches"] = [
        {"field": "nothing", "value": "x", "step": "thanks"},
        {"field": "color", "value": "x", "step": "nowhere"},
    ]
    assert places(record) == {
        ("/steps/0/branches/0/field", "invalid"),
        ("/steps/0/branches/1/step", "invalid"),
    }


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "//evil.example", "ftp://x", "https:// x", "\\\\x", "data:,x"],
)
def test_an_image_has_a_web_address(address: str) -> None:
    record = changed()
    record["steps"][1]["blocks"] = [{"id": "i", "type": "image", "url": address}]
    assert places(record) == {("/steps/1/blocks/0/url", "invalid")}
