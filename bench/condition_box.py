"""How soon the condition box answers a keystroke: `python -m bench.part condition_box`.

Each answer is that of a new request: the account's names and values are ranked for the words, and
the first suggestions are counted. Everyone has viewed, ordered and opened something.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection

from bench.parts import Target
from bench.rows import SINCE, fill_people
from bench.rows import settle as settle_tables
from profiles.columns.mirror.upkeep import maintain
from profiles.models import Metric, Property
from segmenter.accounts.models import create_account
from segmenter.kernel.clock import now
from segments.builder.suggestions import suggestions
from segments.engine.vocabulary import Catalog

PEOPLE = {"small": 5_000, "demo": 200_000}
_WORDS = (
    *("bought", "köpt", "zamówienie", "spent", "never bought", "opened", "not opened in 90 days"),
    *("shorts", "bought boots", "spring sale", "falun", "nära Malmö", "Sweden", "EU", "opted in"),
    *("sms", "churn", "aov", "birthday", "last 30 days", "black friday", "bougth", "qwxzq", "red"),
)
_METRICS = {"Placed Order": 2, "Ordered Product": 3, "Viewed Product": 6, "Opened Email": 6}
"""Name to the events of each person."""
_EVENTS = """
    INSERT INTO profiles_event
        (account_id, metric_id, profile_id, time, value, unique_id, properties, received)
    SELECT account_id, %(metric)s, id, %(at)s - (id %% 300 + n) * interval '1 day', id %% 200 + 10,
        %(metric)s || '-' || id || '-' || n,
        jsonb_build_object('Name', (ARRAY['Linen shorts', 'Rubber boots', 'Wool socks', 'Day pack'])
            [(id + n) %% 4 + 1] || ' ' || id %% 500, 'Campaign Name', 'Spring sale ' || n), %(at)s
    FROM profiles_profile, generate_series(1, %(each)s) AS n WHERE account_id = %(account)s"""
TARGETS = {"median answer of the condition box": Target(most=150.0)}


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit)."""
    account = create_account(slug="bench-box")
    fill_people(account, people)
    at = SINCE + timedelta(days=300)
    for name, each in _METRICS.items():
        metric = Metric.objects.create(account=account, name=name, created=at)
        Property.objects.bulk_create(
            Property(account=account, metric=metric, name=name, types=["text"], first_seen=at)
            for name in ("Name", "Campaign Name")
        )
        values: dict[str, Any] = {
            "metric": metric.pk,
            "at": at,
            "each": each,
            "account": account.pk,
        }
        with connection.cursor() as cursor:
            cursor.execute(_EVENTS, values)
    settle_tables()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE profiles_event")
    yield "mirror", _milliseconds(lambda: maintain(account, now())) / 1000, "s"

    def answer(words: str) -> None:
        about = {"what": "condition", "q": words, "at": at.isoformat()}
        assert suggestions(Catalog(account), about)

    yield "first answer of a process", _milliseconds(lambda: answer(_WORDS[0])), "ms"
    first = [_milliseconds(lambda w=words: answer(w)) for words in _WORDS]
    yield "median answer of the condition box to new words", float(np.median(first)), "ms"
    again = [_milliseconds(lambda w=words: answer(w)) for words in _WORDS * 5]
    yield "median answer of the condition box", float(np.median(again)), "ms"
    yield "95 of 100 answers within", float(np.quantile(again, 0.95)), "ms"


def _milliseconds(work: object) -> float:
    assert callable(work)
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000
