"""What warnings add to a count: `.venv/bin/python -m bench lint`.

The made-up demo shop with its mirror, counted as the builder does it. Each definition is asked for
with and without warnings by turns, as often as it takes for the medians; a number in it changes
each time, as if somebody typed, so that the cache of answers does not answer all of it. "Count" is
the engine alone; "answer" is what the builder sends back, rendered. Times are those of the
processor, so that other work on the machine does not decide the ratio.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

from django.template.loader import render_to_string

from bench.definitions import all_of, did, has
from bench.parts import Target
from bench.preview import DEFINITIONS, fill_shop
from profiles.columns.mirror.upkeep import build
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.advice import advice_on, advisers, inspect
from segments.builder.live_preview import look
from segments.definition.codec import decode
from segments.engine.queries import resolve_names
from segments.engine.vocabulary import Catalog

TIMES = 25
MOST = 1.2
_LEAST = "greater-than-or-equal"
_COUNTRY = "location['country']"
CASES: dict[str, Callable[[int], dict[str, Any]]] = {
    "one condition": lambda n: all_of([did("Placed Order", _LEAST, n, 180)]),
    "opened e-mails": lambda n: all_of([did("Opened Email", _LEAST, n, 90)]),
    "two countries by OR": lambda n: all_of(
        [has(_COUNTRY, "not-equals", "Sweden"), has(_COUNTRY, "not-equals", "Norway")],
        [did("Placed Order", _LEAST, n, None)],
    ),
    "a misspelt value": lambda n: all_of([has(_COUNTRY, "equals", "Swedn"[: 1 + n % 5])]),
    "twelve conditions": lambda n: all_of(
        [DEFINITIONS["twelve conditions, nested"]], [did("Placed Order", _LEAST, n, 700)]
    ),
}
TARGETS = {(f"{name}: answer with warnings, of one without"): Target(most=MOST) for name in CASES}


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for a shop of so many people."""
    account = create_account(slug="bench-lint", time_zone="Europe/Stockholm")
    fill_shop(account, people)
    if build(account, now()) is None:
        raise AssertionError("no mirror")
    for name, definition in CASES.items():
        cases = [resolve_names(account, definition(1 + n)) for n in range(TIMES)]
        plain, warned = _by_turns(lambda case: _count(account, case), cases)
        yield f"{name}: count", plain, "ms"
        yield f"{name}: count with warnings", warned, "ms"
        plain, warned = _by_turns(lambda case: _answer(account, case), cases)
        yield f"{name}: answer", plain, "ms"
        yield f"{name}: answer with warnings", warned, "ms"
        yield f"{name}: answer with warnings, of one without", warned / plain, "times"


def _by_turns(ask: Callable[[Any], object], cases: list[Any]) -> tuple[float, float]:
    """Medians in ms without and with warnings. The first ones, which fill caches, do not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for case in [*cases[:2], *cases]:
        for place, context in enumerate((_without_warnings(), nullcontext())):
            with context:
                started = process_time()
                ask(case)
                times[place].append((process_time() - started) * 1000)
    plain, warned = (median(some[2:]) for some in times)
    return plain, warned


def _without_warnings() -> Any:
    return patch.dict(advisers._entries, clear=True)


def _count(account: Account, definition: Any) -> None:
    inspection = inspect(account, decode(definition), now(), Catalog(account))
    advice_on(inspection)


def _answer(account: Account, definition: Any) -> None:
    """What is sent back while somebody types, but for the session and the draft."""
    outlook = look(account, definition, now())
    context = {"outlook": outlook, "definition": json.dumps(definition), "account": account}
    render_to_string("segments/builder/_preview.html", context)
