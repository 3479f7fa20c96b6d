"""An e-mail address that is typed or guessed changes nothing: not the body, the status, the size of
the headers, or the time of the answer. Times are compared by a two-sample rank test.
"""

from __future__ import annotations

import base64
import gc
import json
import random
import time
from collections.abc import Callable, Iterator

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from scipy.stats import mannwhitneyu

from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from profiles.visitor_tokens import visitor_token
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.builders.forms import live_form
from tests.builders.shops import new_segment
from tests.builders.visits import PATH
from tests.draws import NIGHTLY, draws
from tests.fixtures.cast import AT, Response

pytestmark = pytest.mark.django_db
ROUNDS = draws(60, nightly=2_000)
"""Requests of each of the five kinds of visitors: 10,000 in the nightly run."""
SURE = 1e-4
"""A smaller probability of times like these, if the kinds were alike, is a difference."""
VISITOR = "0f1e2d3c-0000-4000-8000-000000000000"
LENGTH = 400
"""Characters that each kind of visitor sends: to read a longer request takes longer."""
Send = Callable[[dict[str, str]], Response]


@pytest.fixture
def member(account: Account) -> Profile:
    """A member of the segment that a live form asks about; another person is not in it."""
    records = [{"email": "anna@example.com"}, {"email": "berta@example.com"}]
    ingest_profiles(account=account, records=records, at=AT)
    anna = Profile.objects.get(email="anna@example.com")
    segment = new_segment(account, "All", anna.pk)
    rules = {"rule": "segments", "segments": [segment.key]}
    live_form(account, "For members", rules=[rules])
    live_form(account, "For others", rules=[{**rules, "operator": "none"}])
    return anna


VISITORS: dict[str, dict[str, str]] = {
    "nothing": {},
    "a member's address": {"email": "anna@example.com"},
    "another person's address": {"email": "berta@example.com"},
    "an unknown address": {"email": "cecil@example.com"},
    "a rubbish token": {"exchange_id": Fernet(Fernet.generate_key()).encrypt(b"1.1").decode()},
}


def padded(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes with an unknown one that makes all requests equally long."""
    return {**attributes, "other": "x" * (LENGTH - len(json.dumps(attributes)))}


def decisions(account: Account) -> Send:
    client, path = Client(), f"{PATH}?company_id={account.site_key}"

    def send(attributes: dict[str, str]) -> Response:
        attributes = {"anonymous_id": VISITOR, "url": "https://shop.example/", **attributes}
        document = {"data": {"type": "form-decision", "attributes": attributes}}
        return client.post(path, document, content_type="application/json")

    return send


def groups(account: Account) -> Send:
    client, path = Client(), "/forms/api/v4/groups-targeting"

    def send(attributes: dict[str, str]) -> Response:
        data = json.dumps({"company_id": account.site_key, **attributes}).encode()
        return client.get(path, {"data": base64.b64encode(data).decode()})

    return send


@pytest.fixture
def without_collections() -> Iterator[None]:
    """The garbage collector would stop requests that are not slower themselves."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collections")
@pytest.mark.parametrize("sender", [decisions, groups])
def test_an_address_changes_nothing_of_an_answer(
    account: Account, member: Profile, sender: Callable[[Account], Send]
) -> None:
    send = sender(account)
    proven = {"exchange_id": visitor_token(account, member.pk, at=now())}
    kinds = {**VISITORS, "a member's token": proven}
    answers: dict[str, set[tuple[int, bytes, tuple[tuple[str, str], ...]]]] = {}
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    requests = {name: padded(attributes) for name, attributes in kinds.items()}
    for attributes in requests.values():
        send(attributes)
    order = random.Random(13)
    for _round in range(ROUNDS):
        for name in order.sample(list(requests), len(requests)):
            begin = time.perf_counter()
            response = send(requests[name])
            seconds[name].append(time.perf_counter() - begin)
            headers = tuple(sorted(response.headers.items()))
            answers.setdefault(name, set()).add((response.status_code, response.content, headers))

    unknown = answers["nothing"]
    assert len(unknown) == 1
    assert {name for name in VISITORS if answers[name] != unknown} == set()
    assert answers["a member's token"].isdisjoint(unknown)

    def likeness(name: str) -> float:
        return float(mannwhitneyu(seconds["nothing"], seconds[name]).pvalue)

    assert {name for name in VISITORS if likeness(name) < SURE} == set()
    if NIGHTLY:  # the test would see a look-up: this is what the token of a person costs
        assert likeness("a member's token") < SURE
