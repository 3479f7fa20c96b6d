"""The page on which a form begins: what it offers, what it creates, and for whom."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.test import Client

from forms_targeting.engine.publishing import MOST_FORMS, publish
from forms_targeting.library.ready_form import ready_forms
from forms_targeting.models import Form, FormStatus
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "Soon again")


@pytest.mark.parametrize("name", sorted(ready_forms))
def test_every_ready_form_can_be_created_and_published(
    name: str, client: Client, account: Account
) -> None:
    response = client.post("/forms/new", {"ready": name})
    form = Form.objects.get(account=account)
    assert response["Location"] == f"/forms/{form.key}/edit/A"
    assert client.get(response["Location"]).status_code == 200
    assert form.status == FormStatus.DRAFT
    assert [rule["rule"] for rule in form.rules] == [
        rule["rule"] for rule in ready_forms[name].rules
    ]
    assert publish(form=form, user=None, at=AT)


def test_a_segment_becomes_the_first_rule(client: Client, segment: Segment) -> None:
    page = client.get("/forms/new", {"segment": segment.key}).content.decode()
    assert f'<option value="{segment.key}" selected>Soon again</option>' in page
    client.post("/forms/new", {"ready": "win_back", "segment": segment.key})
    rules = Form.objects.get().rules
    assert rules[0] == {"rule": "segments", "operator": "any", "segments": [segment.key]}
    assert rules[1]["rule"] == "utm"


def test_each_card_has_a_preview_in_the_marketers_language(client: Client) -> None:
    client.post("/language", {"language": "sv", "next": "/"})
    page = unescape(client.get("/forms/new").content.decode())
    assert page.count("data-content=") == len(ready_forms)
    assert "Nyheter värda att öppna" in page


def test_the_segment_that_a_form_is_meant_for_opens_in_the_builder(client: Client) -> None:
    page = client.get("/forms/new")
    addresses = [builder for _name, _ready, _preview, builder in page.context["cards"] if builder]
    assert len(addresses) == 2
    for address, words in zip(addresses, ("next order", "50 km"), strict=True):
        builder_page = client.get(address).content.decode()
        assert words in builder_page
        assert "data-goto" not in builder_page, "nothing is missing"


@pytest.mark.parametrize("body", [{}, {"ready": ""}, {"ready": "nothing"}, {"ready": "__init__"}])
def test_a_form_that_is_not_in_the_library_is_not_found(
    body: dict[str, str], client: Client
) -> None:
    assert client.post("/forms/new", body).status_code == 404
    assert not Form.objects.exists()


def test_a_segment_of_another_account_is_not_found(
    segment: Segment, stranger: User, viewer: User, sign_in: SignIn
) -> None:
    outside = sign_in(stranger)
    query = {"segment": segment.key}
    assert outside.get("/forms/new", query).status_code == 404
    assert outside.post("/forms/new", {"ready": "blank", **query}).status_code == 404
    assert sign_in(viewer).get("/forms/new").status_code == 403
    assert sign_in(viewer).post("/forms/new", {"ready": "blank"}).status_code == 403
    assert not Form.objects.exists()


def test_one_form_too_many_is_told(client: Client, account: Account) -> None:
    Form.objects.bulk_create(
        Form(account=account, name=f"{number}", created=AT, updated=AT)
        for number in range(MOST_FORMS)
    )
    response = client.post("/forms/new", {"ready": "blank"})
    assert response.status_code == 422
    assert "as many as there may be" in response.content.decode()


def test_the_content_of_a_form_is_that_of_the_library(client: Client) -> None:
    client.post("/forms/new", {"ready": "quiz"})
    content = Form.objects.get().variants.get().content
    assert json.dumps(content["translations"]["pl"], sort_keys=True) == json.dumps(
        ready_forms["quiz"].content["translations"]["pl"], sort_keys=True
    )
