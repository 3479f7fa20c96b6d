"""The text field of the builder: what it answers, and to whom."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from pytest_django import Settings

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account, User
from tests.fixtures.cast import AT, SignIn
from tests.fixtures.shop_site import ShopSite
from tests.segments.assistant.stand_in import StandIn
from tests.segments.assistant.test_drafting import ANSWER

pytestmark = pytest.mark.django_db

READ, DRAFT = "/segments/builder/sentence", "/segments/builder/sentence/draft"
EXACT = "People who have done Placed Order at least 3 times over all time."


@pytest.fixture
def shop_client(account: Account, marketer: User, sign_in: SignIn) -> Client:
    events = [
        {
            "metric": "Placed Order",
            "profile": {"email": "anna@x.se"},
            "time": AT.isoformat(),
            "unique_id": str(n),
        }
        for n in range(3)
    ]
    ingest_events(account=account, records=events, at=AT)
    return sign_in(marketer)


def test_a_sentence_is_read_with_its_count(shop_client: Client) -> None:
    answer = shop_client.post(READ, {"text": EXACT}).content.decode()
    assert "1 person" in answer
    assert 'data-sentence="use"' in answer
    assert "<mark>" not in answer


def test_what_is_not_understood_is_marked_and_in_no_definition(shop_client: Client) -> None:
    text = "who have done Placed Order at least 3 times over all time and xyzzy plugh"
    answer = shop_client.post(READ, {"text": text}).content.decode()
    assert "xyzzy" in answer.partition("<mark>")[2].partition("</mark>")[0]


def test_markup_in_a_text_is_text(shop_client: Client) -> None:
    answer = shop_client.post(READ, {"text": "<script>alert(1)</script>"}).content.decode()
    assert "<script>" not in answer


def test_nothing_is_sent_anywhere_by_reading(
    shop_client: Client, shop_site: ShopSite, settings: Settings
) -> None:
    model = StandIn(shop_site, ANSWER)
    settings.SEGMENTER_ASSISTANT_URL = model.url
    answer = shop_client.post(READ, {"text": "xyzzy plugh"}).content.decode()
    assert model.requests == []
    assert 'data-sentence="ask"' in answer


def test_a_draft_is_shown_with_its_sentence_and_its_count(
    shop_client: Client, shop_site: ShopSite, settings: Settings
) -> None:
    settings.SEGMENTER_ASSISTANT_URL = StandIn(shop_site, ANSWER).url
    answer = shop_client.post(DRAFT, {"text": "xyzzy plugh"}).content.decode()
    assert EXACT in answer
    assert "1 person" in answer
    assert "A draft by the assistant" in answer


def test_a_failure_is_shown_beside_what_was_read(
    shop_client: Client, shop_site: ShopSite, settings: Settings
) -> None:
    answer = json.dumps({"definition": None, "problem": "No <b>weather</b>."})
    settings.SEGMENTER_ASSISTANT_URL = StandIn(shop_site, answer).url
    response = shop_client.post(DRAFT, {"text": "rain xyzzy"}).content.decode()
    assert "No &lt;b&gt;weather&lt;/b&gt;." in response
    assert "<mark>" in response


def test_without_an_endpoint_there_is_no_draft(shop_client: Client) -> None:
    assert shop_client.post(DRAFT, {"text": "xyzzy"}).status_code == 400
    assert 'data-sentence="ask"' not in shop_client.post(READ, {"text": "xyzzy"}).content.decode()


@pytest.mark.parametrize("text", ["", "   ", "x" * 100_000, "((((" * 500, "𝕏\u202e\ud800"])
def test_any_text_has_an_answer(shop_client: Client, text: str) -> None:
    data = {"text": text.encode("utf-8", "replace").decode()}
    assert shop_client.post(READ, data).status_code == 200


@pytest.mark.parametrize("path", [READ, DRAFT])
def test_a_viewer_may_not_write_sentences(path: str, viewer: User, sign_in: SignIn) -> None:
    assert sign_in(viewer).post(path, {"text": EXACT}).status_code == 403
