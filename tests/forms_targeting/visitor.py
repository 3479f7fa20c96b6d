"""A shop with a published form, and a visitor whose page sends requests to /client/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.test import Client

from forms_targeting.engine.publishing import create_form, publish, save_targeting
from forms_targeting.engine.sites import site_of
from forms_targeting.models import Form, FormVersion
from profiles.models import List
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT, Response

SHOP = "https://shop.example"
SIGN_UP: dict[str, Any] = {
    "kind": "popup",
    "language": "en",
    "steps": [
        {
            "id": "start",
            "blocks": [
                {
                    "id": "mail",
                    "type": "field",
                    "property": "email",
                    "input": "email",
                    "label": "E-mail",
                },
                {
                    "id": "name",
                    "type": "field",
                    "property": "first_name",
                    "input": "text",
                    "label": "Name",
                },
                {
                    "id": "color",
                    "type": "field",
                    "property": "properties.Favourite colour",
                    "input": "radio",
                    "label": "Favourite colour",
                    "options": [{"value": "red", "label": "Red"}, {"value": "blue"}],
                },
                {
                    "id": "sizes",
                    "type": "field",
                    "property": "properties.Sizes",
                    "input": "checkboxes",
                    "label": "Sizes",
                    "options": [{"value": "38"}, {"value": "39"}],
                },
                {
                    "id": "pets",
                    "type": "field",
                    "property": "properties.Pets",
                    "input": "number",
                    "label": "Pets",
                },
                {
                    "id": "born",
                    "type": "field",
                    "property": "properties.Birthday",
                    "input": "date",
                    "label": "Birthday",
                },
                {
                    "id": "club",
                    "type": "field",
                    "property": "properties.Club",
                    "input": "checkbox",
                    "label": "Club",
                },
                {
                    "id": "origin",
                    "type": "field",
                    "property": "properties.Source",
                    "input": "hidden",
                    "value": "popup",
                },
                {"id": "yes", "type": "consent", "channel": "email", "wording": "I want news."},
                {"id": "send", "type": "button", "label": "Sign up"},
            ],
        },
        {
            "id": "phone",
            "blocks": [
                {
                    "id": "tel",
                    "type": "field",
                    "property": "phone_number",
                    "input": "phone",
                    "label": "Phone",
                },
                {"id": "text-me", "type": "consent", "channel": "sms", "wording": "Text me."},
                {"id": "send2", "type": "button", "label": "Send"},
            ],
        },
        {"id": "thanks", "blocks": [{"id": "t", "type": "text", "text": "Thank you"}]},
    ],
    "translations": {"sv": {"yes.wording": "Jag vill ha nyheter."}},
}


def publish_form(
    account: Account,
    content: Mapping[str, Any] = SIGN_UP,
    *,
    name: str = "Newsletter",
    list: List | None = None,
    double_opt_in: bool = False,
) -> FormVersion:
    """Publish a form with this content; the shop's pages are at SHOP."""
    site = site_of(account, at=AT)
    site.domains = ["shop.example"]
    site.save()
    form = create_form(account=account, user=None, name=name, content=content, at=AT)
    if list is not None or double_opt_in:
        form = save_targeting(
            form=form, rules=[], behavior={}, list=list, double_opt_in=double_opt_in, at=AT
        )
    publish(form=form, user=None, at=AT)
    return FormVersion.objects.select_related("form", "variant").get(form=form)


@dataclass
class Visitor:
    """A visitor with a page of the shop open."""

    account: Account
    version: FormVersion
    origin: str = SHOP
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    view_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def form(self) -> Form:
        return self.version.form

    def post(self, path: str, body: Any, **headers: str) -> Response:
        """Send a document to an address below /client/ as the shop's page does."""
        own = {"Origin": self.origin} if self.origin else {}
        return self.client.post(
            f"/client/{path}?company_id={self.account.site_key}",
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={**own, **headers},
        )

    def submit(
        self,
        values: Mapping[str, Any],
        consents: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> Response:
        """Submit a step of the form."""
        document = {
            "form_id": self.form.key,
            "version_id": self.version.key,
            "submission_id": str(uuid4()),
            "view_id": self.view_id,
            "step_id": "start",
            "values": values,
            "consents": consents or {},
            "language": "en",
            "page": f"{SHOP}/shoes?color=red",
            "device": "phone",
            "website": "",
            "elapsed_ms": 4_000,
            **attributes,
        }
        body = {"data": {"type": "form-submission", "attributes": document}}
        return self.post("form-submissions", body, **(headers or {}))


def problems_of(response: Response) -> dict[str, str]:
    """Pointer to code of the problems in an answer."""
    assert response.status_code == 400, response.content
    errors = json.loads(response.content)["errors"]
    return {error["source"]["pointer"]: error["code"] for error in errors}
