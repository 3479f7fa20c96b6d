"""Contents of forms for tests, as a marketer would make them."""

from __future__ import annotations

from typing import Any

from forms_targeting.content.form_content import read_content
from forms_targeting.content.public import public_content


def heading(text: str, id_: str = "title") -> dict[str, Any]:
    return {"id": id_, "type": "heading", "text": text}


def email_input(*, is_required: bool = True) -> dict[str, Any]:
    return input_block("email", "email", "E-mail address", is_required=is_required)


def input_block(property_: str, input_: str, label: str, **values: Any) -> dict[str, Any]:
    id_ = property_.removeprefix("properties.").lower().replace(" ", "-")
    record = {"id": id_, "type": "field", "property": property_, "input": input_, "label": label}
    return record | values


def consent(wording: str = "I want offers by e-mail.", **values: Any) -> dict[str, Any]:
    return {"id": "agree", "type": "consent", "channel": "email", "wording": wording, **values}


def button(label: str, action: str = "submit", **values: Any) -> dict[str, Any]:
    return {"id": action, "type": "button", "label": label, "action": action, **values}


def step(id_: str, *blocks: dict[str, Any], **branches: str) -> dict[str, Any]:
    """A step; `color_red="end"` is a branch to `end` if the input `color` has the value `red`."""
    return {
        "id": id_,
        "blocks": list(blocks),
        "branches": [
            {"field": name.partition("_")[0], "value": name.partition("_")[2], "step": target}
            for name, target in branches.items()
        ],
    }


def newsletter(kind: str = "popup", **style: Any) -> dict[str, Any]:
    """A form that asks for an address and a consent, and has a code on its second step."""
    return {
        "kind": kind,
        "style": style,
        "steps": [
            step(
                "start",
                heading("10 % off your first order"),
                {"id": "words", "type": "text", "text": "New things every week.\n\nNo spam."},
                email_input(),
                consent(url="/privacy"),
                button("Sign up"),
                button("No, thanks", "close", is_quiet=True),
            ),
            step(
                "thanks",
                heading("Welcome!", "title2"),
                {"id": "code", "type": "coupon", "code": "HELLO10", "text": "Your code"},
            ),
        ],
    }


def public(record: dict[str, Any], *languages: str) -> dict[str, Any]:
    """The content as a page gets it."""
    return public_content(read_content(record), list(languages))
