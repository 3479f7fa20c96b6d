"""Forms of a shop, made by the verbs that pages use."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

from forms_targeting.engine.publishing import create_form, publish
from forms_targeting.models import Form, FormVersion
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT

CONTENT: dict[str, Any] = {
    "kind": "popup",
    "language": "en",
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
                {"id": "yes", "type": "consent", "channel": "email", "wording": "I want news."},
                {"id": "send", "type": "button", "label": "Sign up"},
            ],
        },
        {"id": "thanks", "blocks": [{"id": "end", "type": "text", "text": "Thank you"}]},
    ],
}
"""A newsletter's form: an address, a consent, a step of thanks."""


def form_content(heading: str = "News from us", wording: str = "I want news.") -> dict[str, Any]:
    """CONTENT with another heading and wording of the consent."""
    content = deepcopy(CONTENT)
    content["steps"][0]["blocks"][0]["text"] = heading
    content["steps"][0]["blocks"][2]["wording"] = wording
    return content


def new_form(
    account: Account, name: str = "Newsletter", *, at: datetime = AT, **parts: Any
) -> Form:
    """A draft with one variant; `parts` are content, rules, behavior, user."""
    values = {"content": CONTENT, "user": None, **parts}
    return create_form(account=account, name=name, at=at, **values)


def live_form(
    account: Account, name: str = "Newsletter", *, at: datetime = AT, **parts: Any
) -> tuple[Form, FormVersion]:
    """A form that visitors see, and its version."""
    form = new_form(account, name, at=at, **parts)
    version = publish(form=form, user=None, at=at)[0]
    form.refresh_from_db()
    return form, version
