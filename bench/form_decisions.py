"""How soon a page learns which forms to show: `python -m bench form_decisions`.

A whole instance (web, worker, beat, PostgreSQL, Valkey) with live forms that ask about segments and
consents. Visitors come 200 times a second: by a token, by what the shop signed, with an address
only, and unknown. In the same run an almost empty answer (/healthz) is asked for at the same rate:
that is what the machine, the server and the client take.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.client import Client, resource
from bench.own_process import figures_of, new_instance, tell
from bench.parts import Target
from bench.physical import busy_cores
from bench.steady_requests import durations_of, percentiles

PEOPLE = {"small": 2_000, "demo": 50_000}
FORMS, VISITORS = 10, 2_000
RATE = 200
SECONDS, WARM_SECONDS = 30.0, 10.0
REST_SECONDS, MOST_BUSY = 180.0, 0.3
NAME = f"form decisions, {FORMS} live forms, {RATE} requests/s"
TRIVIAL = f"/healthz, {RATE} requests/s"
REACH = "how many people would see a form"
TARGETS = {f"{NAME}: p99": Target(most=15.0)}
ORIGIN = "https://shop.example"


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for `people` people, measured in a process of its own."""
    return figures_of("bench.form_decisions", people)


@dataclass(frozen=True)
class Visitor:
    """What the page tells of somebody, and which forms it must get."""

    attributes: dict[str, Any]
    keys: frozenset[str]


def set_up(people: int) -> tuple[str, list[Visitor]]:
    """Fill an account; return its public key, and visitors by turns of four kinds."""
    # These need the settings.
    import jwt  # noqa: PLC0415

    from bench.rows import fill_people, fill_segment, settle  # noqa: PLC0415
    from forms_targeting.engine.publishing import create_form, publish  # noqa: PLC0415
    from forms_targeting.engine.sites import site_of  # noqa: PLC0415
    from forms_targeting.models import Site  # noqa: PLC0415
    from profiles.models import Profile  # noqa: PLC0415
    from profiles.visitor_tokens import visitor_token  # noqa: PLC0415
    from segmenter.accounts.models import create_account  # noqa: PLC0415
    from segmenter.kernel.clock import now  # noqa: PLC0415
    from segmenter.kernel.secrets import decrypt  # noqa: PLC0415

    at = now()
    account = create_account(slug="bench-forms")
    fill_people(account, people)
    site = site_of(account, at=at)
    Site.objects.filter(pk=site.pk).update(domains=["shop.example"])
    secret = decrypt(site.identity_secret)
    by_ring: list[str] = []
    for ring in range(FORMS):
        segment = fill_segment(account, f"Segment {ring}", [ring])
        rules: list[dict[str, Any]] = [
            {"rule": "segments", "segments": [segment.key]},
            {"rule": "url", "operator": "not_contains", "texts": ["/cart", "/checkout"]},
            {"rule": "subscription"},
        ]
        form = create_form(
            account=account, user=None, name=f"Form {ring}", content=CONTENT, rules=rules, at=at
        )
        publish(form=form, user=None, at=at)
        by_ring.append(form.key)
    settle()
    dice = random.Random(RATE)
    first, last = Profile.objects.order_by("pk").first(), Profile.objects.order_by("pk").last()
    assert first is not None
    assert last is not None
    ids = [dice.randint(first.pk, last.pk) for _ in range(VISITORS)]
    rows = Profile.objects.in_bulk(ids)
    visitors = []
    for number, id_ in enumerate(ids):
        row = rows[id_]
        own = frozenset({by_ring[row.properties["Ring"]]})
        signed = {"external_id": row.external_id, "exp": int(at.timestamp()) + 3_600}
        proofs: list[dict[str, Any]] = [
            {"exchange_id": visitor_token(account, id_, at=at)},
            {"jwt": jwt.encode(signed, secret, algorithm="HS256")},
            {"email": row.email},
            {},
        ]
        proof = proofs[number % 4]
        visitors.append(Visitor({**VISIT, **proof}, own if number % 4 < 2 else frozenset()))
    return account.site_key, visitors


def rest() -> None:
    """Wait until the worker has built the mirror of the people, and the machine has little to do.

    In operation that was done long ago. At most REST_SECONDS, as others may use the machine.
    """
    # These need the settings.
    from profiles.columns.mirror import location  # noqa: PLC0415
    from segmenter.accounts.models import Account  # noqa: PLC0415

    deadline = time.monotonic() + REST_SECONDS
    account = Account.objects.get()
    while location.current(account.pk) is None or busy_cores() > MOST_BUSY:
        if time.monotonic() > deadline:
            return


def main() -> int:
    """Print one line of JSON for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.form_decisions", description=__doc__)
    parser.add_argument("--profiles", type=int, default=PEOPLE["demo"])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    with new_instance() as instance:
        site_key, visitors = set_up(options.profiles)
        rest()
        sizes: list[int] = []

        def decide(client: Client, number: int) -> None:
            visitor = visitors[number % len(visitors)]
            document = resource("form-decision", **visitor.attributes)
            status, body = client.post(f"/client/form-decisions?company_id={site_key}", document)
            forms = body.count(b'"type":"form-decision"')
            if status != 200 or forms != len(visitor.keys):
                raise AssertionError(f"{status}: {body[:200]!r}")
            if any(key.encode() not in body for key in visitor.keys):
                raise AssertionError(f"another form: {body[:200]!r}")
            sizes.append(len(body))

        def trivial(client: Client, _number: int) -> None:
            status, body = client.get("/healthz")
            if status != 200:
                raise AssertionError(f"{status}: {body[:200]!r}")

        page = partial(_page, instance.address)
        run = partial(durations_of, client=page, rate=RATE)
        run(decide, requests=int(WARM_SECONDS * RATE))
        requests = int(options.seconds * RATE)
        for name, send in ((TRIVIAL, trivial), (NAME, decide)):
            for figure in percentiles(name, run(send, requests=requests)):
                tell(*figure)
        tell(f"{NAME}: an answer with a form", max(sizes), "bytes")
        tell(REACH, _count(), "ms")
    return 0


def _page(address: str) -> Client:
    """A browser with one page of the shop."""
    client = Client(address, "")
    client.headers = {"Content-Type": "application/json", "Origin": ORIGIN}
    return client


def _count() -> float:
    """Milliseconds to count the people of one form's rules, when they were counted once before."""
    # These need the settings.
    from forms_targeting.engine.reach import count_reach  # noqa: PLC0415
    from forms_targeting.models import Form  # noqa: PLC0415
    from forms_targeting.rules.rule import read_rules  # noqa: PLC0415
    from profiles.models import Profile  # noqa: PLC0415
    from segmenter.kernel.clock import now  # noqa: PLC0415

    form = Form.objects.select_related("account").order_by("pk")[0]
    rules, duration = read_rules(form.rules), 0.0
    for _turn in range(2):
        begin = time.perf_counter()
        reach = count_reach(form.account, rules, at=now())
        duration = (time.perf_counter() - begin) * 1000
        if reach.everyone != Profile.objects.count() or not reach.matches:
            raise AssertionError(f"{reach.matches} of {reach.everyone} people")
    return duration


VISIT: dict[str, Any] = {
    "anonymous_id": "6c1f9d1e-0000-4000-8000-000000000000",
    "url": f"{ORIGIN}/products/green-tea?utm_source=newsletter&utm_campaign=spring",
    "referrer": "https://www.google.com/",
    "languages": ["sv-SE", "sv", "en"],
    "device": "phone",
    "utm": {"source": "newsletter", "campaign": "spring"},
    "cart": {
        "value": 24.5,
        "items": [{"id": "T-1", "name": "Green tea", "quantity": 2, "value": 12.25}],
    },
}
CONTENT: dict[str, Any] = {
    "kind": "popup",
    "language": "en",
    "steps": [
        {
            "id": "start",
            "blocks": [
                {"id": "title", "type": "heading", "text": "10 % off your next order"},
                {"id": "more", "type": "text", "text": "Tell us what you like. " * 10},
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
    "translations": {"sv": {"title.text": "10 % på nästa köp", "send.label": "Anmäl dig"}},
}


if __name__ == "__main__":
    os.environ.setdefault("SEGMENTER_LOG_LEVEL", "WARNING")
    sys.exit(main())
