"""A letter with an accent has two spellings; what is compared does not depend on which."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import pytest

from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from profiles.queries import search_people
from segmenter.accounts.models import Account
from segments.engine.checking import check_definition
from segments.engine.preview import preview
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

COMPOSED, DECOMPOSED = "Malmö", normalize("NFD", "Malmö")
TESTS = [
    {"type": "string", "operator": "equals", "value": "Malmö"},
    {"type": "string", "operator": "equals", "value": "MALMÖ", "ignore_case": True},
    {"type": "string", "operator": "contains", "value": "lmö"},
    {"type": "string", "operator": "starts-with", "value": "Malmö"},
    {"type": "string", "operator": "ends-with", "value": "ö"},
    {"type": "string", "operator": "regex", "value": "^Malm[aö]$"},
    {"type": "string", "operator": "in", "value": ["Lund", "Malmö"]},
    {"type": "string", "operator": "in", "value": ["malmö"], "ignore_case": True},
]
LIST_TESTS = [
    {"type": "list", "operator": "contains-any", "value": ["Lund", "Malmö"]},
    {"type": "list", "operator": "contains-all", "value": ["Malmö"]},
    {"type": "list", "operator": "contains", "value": "Malmö"},
    {"type": "list", "operator": "contains-substring", "value": "mö"},
    {"type": "string", "operator": "contains", "value": "Malmö"},
]


def spelled(test: dict[str, Any], form: str) -> dict[str, Any]:
    value = test["value"]
    texts = [normalize(form, text) for text in value] if isinstance(value, list) else None  # type: ignore[arg-type]
    return {**test, "value": texts or normalize(form, value)}  # type: ignore[arg-type]


def count(account: Account, name: str, test: dict[str, Any]) -> int:
    condition = {"type": "profile-property", "property": name, "filter": test}
    definition = {"condition_groups": [{"conditions": [condition]}]}
    return preview(account, check_definition(account, definition), AT).count


@pytest.fixture
def people(account: Account) -> None:
    rows = [
        {"email": f"{n}@x.se", "first_name": name, "properties": {"Town": name, "Towns": [name]}}
        for n, name in enumerate((COMPOSED, DECOMPOSED, "Malmo"))
    ]
    ingest_profiles(account=account, records=rows, at=AT)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("test", TESTS, ids=lambda test: test["operator"])
def test_both_spellings_match_a_text(account: Account, test: dict[str, Any], form: str) -> None:
    assert count(account, "properties['Town']", spelled(test, form)) == 2


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("test", LIST_TESTS, ids=lambda test: test["operator"])
def test_both_spellings_match_an_item(account: Account, test: dict[str, Any], form: str) -> None:
    assert count(account, "properties['Towns']", spelled(test, form)) == 2


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("words", [COMPOSED, DECOMPOSED, "malmö", normalize("NFD", "MALMÖ")])
def test_both_spellings_of_a_name_are_found(account: Account, words: str) -> None:
    names = set(search_people(account, words).values_list("first_name", flat=True))
    assert names == {COMPOSED, DECOMPOSED}


def test_a_text_is_stored_as_it_came(account: Account) -> None:
    ingest_profiles(account=account, records=[{"email": "a@x.se", "first_name": DECOMPOSED}], at=AT)
    assert Profile.objects.get().first_name == DECOMPOSED
