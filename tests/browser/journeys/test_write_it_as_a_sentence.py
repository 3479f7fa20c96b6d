"""Job: write a segment as a sentence. Before, it had to be put together row by row.

"At least 3 orders in the last 90 days and in Sweden" took 9 presses of the mouse and two words.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from tests.browser.builder_page import Builder, open_shop
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of

SENTENCES = {
    "en": "have done Placed Order at least once and whose country is Sweden",
    "sv": "har gjort Placed Order minst en gång och vars land är Sweden",
    "pl": "wykonały Placed Order co najmniej raz i których kraj to Sweden",
}
