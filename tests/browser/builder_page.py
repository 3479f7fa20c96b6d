"""The builder's page in the words of what a person does there, and a small shop to build in."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

from predictions.models import Day, Prediction, Run, RunStatus
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT

PEOPLE = 12
QUIET = """() => new Promise((resolve) => {
  let timer = 0;
  const again = () => { clearTimeout(timer); timer = setTimeout(resolve, 400); };
  const seen = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(again).observe(document.body, seen);
  again();
})"""
"""Resolves when nothing has changed on the page for 400 ms, well over any of its delays."""


class Builder:
    """The builder's page, in the words of what a person does there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._requests: set[Request] = set()
        page.on("request", lambda request: self._requests.add(request))
        page.on("requestfinished", lambda request: self._requests.discard(request))
        page.on("requestfailed", lambda request: self._requests.discard(request))

    def open(self, path: str = "/segments/new") -> Builder:
        self.page.goto(path, wait_until="networkidle")
        return self

    @property
    def rows(self) -> Locator:
        return self.page.locator("#rows .condition")

    def choose(self, words: str) -> None:
        """Type into the empty row and take what is found first."""
        box = self.page.get_by_role("combobox", name="New condition").last
        box.fill(words)
        box.press("Enter")
        expect(self.page.locator("#rows .condition:not(.blank)")).to_have_count(self.rows.count())

    def press(self, name: str, number: int = -1) -> None:
        self.page.locator("#rows").get_by_role("button", name=name, exact=True).nth(number).click()
        expect(self.page.locator("#rows[aria-busy]")).to_have_count(0)

    def counts(self, *numbers: str) -> None:
        """Expect these counts at the conditions, in their order."""
        expect(self.page.locator("#rows .condition .count")).to_have_text(
            [re.compile(rf"^\s*{count}\b") for count in numbers]
        )

    def total(self, count: str) -> None:
        expect(self.page.locator(".outlook-count strong")).to_have_text(count)

    def sentence(self, words: str) -> None:
        expect(self.page.locator(".outlook-words")).to_contain_text(words)

    def value(self, name: str = "Text") -> Locator:
        return self.page.locator("#rows").get_by_role("combobox", name=name, exact=True).last

    def still(self) -> None:
        """Wait until no request is under way and the page has come to rest."""
        for _ in range(100):
            self.page.evaluate(QUIET)
            if not self._requests:
                return
        raise AssertionError("the page does not come to rest")

    def pick(self, name: str, words: str, number: int = -1) -> None:
        """Choose by the mouse what a box suggests first for some words."""
        box = self.page.locator("#rows").get_by_role("combobox", name=name, exact=True).nth(number)
        box.click()
        box.fill(words[:4])
        self.page.get_by_role("option", name=words).first.click()
        self.still()

    def select(self, name: str, label: str, number: int = -1) -> None:
        box = self.page.locator("#rows").get_by_role("combobox", name=name, exact=True).nth(number)
        box.select_option(label=label)
        self.still()

    def fill(self, name: str, text: str, number: int = -1) -> None:
        box = self.page.locator(f'#rows input[aria-label="{name}"]').nth(number)
        box.fill(text)
        self.still()

    @property
    def lists(self) -> Locator:
        """The lists of suggestions that are open."""
        return self.page.locator("#rows .combobox .popover:visible")

    @property
    def definition(self) -> Any:
        """What the page would save."""
        return json.loads(self.page.locator("#definition").get_attribute("data-json") or "")

    @property
    def members(self) -> list[Any]:
        """The members of the first group, as far as they are filled in."""
        return list(self.definition["condition_groups"][0]["conditions"])


def small_shop(account: Account) -> list[Profile]:
    """People 0 to 11; the number decides their events, country and consents."""
    subscribed = {"consent": "SUBSCRIBED", "consent_timestamp": "2026-01-02T10:00:00Z"}
    reachable = {"consent": "SUBSCRIBED", "reachability": "explicitly_reachable"}
    falun = {"city": "Falun", "country": "Sweden", "zip": "79130"}
    boston = {"city": "Boston", "region": "Massachusetts", "country": "United States"}
    records = [
        {
            "email": f"person{n:02}@example.com",
            "properties": {"Points": n, "Colour": ["blue", "red"][n % 2]},
            "lists": [{"name": "Newsletter", "joined": "2026-01-02"}] if n < 5 else [],
            "location": falun if n % 3 == 0 else boston,
            "subscriptions": {
                **({"email": {"marketing": subscribed}} if n % 4 == 0 else {}),
                **({"whatsapp": {"marketing": reachable}} if n % 5 == 0 else {}),
            },
        }
        for n in range(PEOPLE)
    ]
    outcome = ingest_profiles(account=account, records=records, at=AT)
    assert not outcome.rejected
    done = [("Received Email", 4, 1), ("Opened Email", 1, 2), ("Clicked Email", 1, 3)]
    events = [
        {
            "metric": metric,
            "time": f"2026-02-{hour + 1:02}T10:00:00Z",
            "unique_id": f"{metric} {n} {i}",
            "properties": {"Campaign Name": ["spring", "autumn"][i % 2]},
            "profile": {"email": f"person{n:02}@example.com"},
        }
        for metric, least, hour in done
        for n in range(PEOPLE)
        for i in range(least if n >= hour else 0)
    ] + [
        {
            "metric": "Active on Site",
            "time": "2026-02-10T10:00:00Z",
            "unique_id": f"active {n}",
            "profile": {"email": f"person{n:02}@example.com"},
        }
        for n in range(6)
    ]
    assert not ingest_events(account=account, records=events, at=AT).rejected
    people = list(Profile.objects.filter(account=account).order_by("email"))
    predict(account, people)
    return people


def predict(account: Account, people: list[Profile]) -> None:
    """Person n of twelve has a churn risk of n twelfths."""
    run = Run.objects.create(
        account=account, status=RunStatus.PUBLISHED, started=AT, cutoff=AT.date(), filters={}
    )
    Day.objects.create(account=account, day=AT.date(), made=AT, run=run)
    Prediction.objects.bulk_create(
        Prediction(
            account=account,
            profile=person,
            churn_probability=round(number / len(people), 4),
            order_probability=round(1 - number / len(people), 4),
            as_of=AT.date(),
        )
        for number, person in enumerate(people)
    )
