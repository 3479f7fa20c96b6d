"""Job: write a segment as a sentence, in three languages.

Before, each condition was put together from boxes: "done Placed Order and from Sweden" took about
six presses of the mouse (an estimate). Now it takes one, and the words.
"""

from __future__ import annotations

import re

import pytest
from django.utils import translation
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.engine.queries import resolve_names
from segments.engine.vocabulary import Catalog
from segments.models import Segment
from tests.browser.builder_page import Builder, small_shop
from tests.builders.definitions import about, both, once, text
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of

FIELD, READING = "#sentence-text", "#sentence-reading"


@pytest.mark.parametrize("language", ["en", "sv", "pl"])
def test_a_printed_sentence_becomes_the_segment(
    language: str, account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    conditions = once("Opened Email"), about("location['country']", text("equals", "Sweden"))
    definition = resolve_names(account, both(*conditions))
    with translation.override(language):
        sentence = describe(decode(definition), Catalog(account))
    User.objects.filter(pk=marketer.pk).update(language=language)
    page = open_browser(marketer)
    effort = effort_of(page)
    builder = Builder(page).open()
    page.locator(FIELD).click()
    page.locator(FIELD).fill(sentence)
    page.keyboard.press("Enter")
    expect(builder.rows).to_have_count(2)
    assert builder.definition == definition
    page.locator("#name").fill("Sweden")
    page.locator("#name").press("Control+Enter")
    page.wait_for_url(re.compile("/segments/[A-Za-z0-9]{6}/$"))
    assert Segment.objects.get().definition == definition
    assert effort.clicks == 1


def test_what_is_not_understood_is_underlined_and_enter_does_not_take_it(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    page = open_browser(marketer, width=390)
    builder = Builder(page).open()
    page.locator(FIELD).fill("who have done Opened Email at least once over all time and xyzzy")
    expect(page.locator(f"{READING} mark")).to_contain_text("xyzzy")
    page.locator(FIELD).press("Enter")
    builder.still()
    assert builder.members == [{}]
    assert barriers(page) == []


def test_a_sentence_is_added_to_what_is_there_and_can_be_undone(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    page = open_browser(marketer, theme="dark")
    builder = Builder(page).open()
    for words in ("who have done Opened Email at least once over all time", "whose country is set"):
        page.locator(FIELD).fill(f"People {words}.")
        expect(page.locator(f"{READING} [data-sentence=use]")).to_be_visible()
        assert barriers(page) == []
        page.locator(FIELD).press("Enter")
        expect(page.locator(READING)).to_be_empty()
    expect(builder.rows).to_have_count(2)
    page.locator("#undo").click()
    expect(builder.rows).to_have_count(1)
