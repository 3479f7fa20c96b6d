"""How browser tests wait: for what the page shows, in ways that a strict policy does not break."""

from __future__ import annotations

from pathlib import Path

from segmenter.accounts.models import User
from tests.fixtures.browser import OpenBrowser, wait_until

TESTS = Path(__file__).resolve().parent.parent


def test_one_can_wait_for_what_becomes_true_later(owner: User, open_browser: OpenBrowser) -> None:
    page = open_browser(owner)
    page.goto("/")
    page.evaluate("setTimeout(() => document.body.append('Later'), 200)")
    wait_until(page, "document.body.textContent.includes('Later')")


def test_no_test_waits_in_a_way_that_fails_at_random() -> None:
    tests = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    assert [path.name for path in tests if ".wait_for_function(" in path.read_text()] == []
