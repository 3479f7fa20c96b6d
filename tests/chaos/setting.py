"""Fills an instance that has just started: an account, a key, people, segments that are built."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random

from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, create_account, create_api_key
from segmenter.kernel.clock import now
from segments.engine.editing import save_segment
from segments.engine.queries import resolve_names
from segments.models import Segment, SegmentStatus
from tests.chaos import shop

BUILD_SECONDS = 60.0


def set_up() -> tuple[Account, str, Segment]:
    """Return the account, the key's secret, and the segment of those who sent a probe."""
    dice, at = Random(3), now()
    account = create_account(slug="shop", time_zone=_zone_at_noon())
    secret = create_api_key(account=account, name="chaos")[1]
    ingest_profiles(account=account, records=shop.people(dice, at), at=at)
    events = [
        shop.event(
            dice,
            f"p-{dice.randrange(shop.PEOPLE)}",
            metric,
            at - timedelta(days=dice.uniform(1, 100)),
            f"before-{metric}-{number}",
        )
        for metric in shop.METRICS[:4]
        for number in range(shop.PEOPLE)
    ]
    events.append(shop.event(dice, "probe-0", "Probe", at, "probe-0"))
    outcome = ingest_events(account=account, records=events, at=at)
    assert not outcome.rejected
    for name, definition in shop.SEGMENTS.items():
        save_segment(
            account=account,
            user=None,
            name=name,
            definition=resolve_names(account, definition),
            at=now(),
        )
    deadline = time.monotonic() + BUILD_SECONDS
    while builds := Segment.objects.exclude(status=SegmentStatus.READY).values_list(
        "name", "error"
    ):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not built: {list(builds)}")
        time.sleep(0.1)
    return account, secret, Segment.objects.get(name=shop.PROBED)


def _zone_at_noon() -> str:
    """A zone where no day begins or ends while this runs."""
    east = 12 - now().hour
    return f"Etc/GMT{-east:+d}" if east else "UTC"
