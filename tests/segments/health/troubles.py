"""An account without trouble, and the troubles to add."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from profiles.models import Cause, ProfileChange
from segmenter.accounts.models import Account
from segments.health import heartbeats
from segments.models import (
    AccountClock,
    Audit,
    Build,
    Segment,
)
from tests.fixtures.cast import AT


def ago(seconds: float, at: datetime = AT) -> datetime:
    return at - timedelta(seconds=seconds)


def make_well(account: Account, at: datetime = AT) -> None:
    AccountClock.objects.create(
        account=account, until=at, time_zone="UTC", audited=at - timedelta(hours=3)
    )
    for kind in ("worker", "beat"):
        heartbeats.write_heartbeat(f"{kind}@shop-1:1", kind=kind, started=ago(900, at), at=at)


def aside(account: Account, profile_id: int, error: str = "ZeroDivisionError: no") -> ProfileChange:
    return ProfileChange.objects.create(
        account=account,
        profile_id=profile_id,
        cause=Cause.EVENT,
        facts=["exists"],
        at=AT,
        handled=AT,
        tries=5,
        retry_at=AT,
        error=error,
        transaction=1,
    )


def a_segment(account: Account, **more: Any) -> Segment:
    fields = {"name": "Buyers", "definition": {}, "created": AT, "updated": AT, **more}
    return Segment.objects.create(account=account, **fields)


def a_build(account: Account, **more: Any) -> Build:
    segment = a_segment(account)
    fields = {"version": 1, "cause": Cause.DEFINITION, "created": ago(60), "people_total": 1000}
    return Build.objects.create(account=account, segment=segment, **{**fields, **more})


def an_audit(account: Account, **more: Any) -> Audit:
    fields = {"started": ago(3600), "heartbeat": ago(3500), "finished": ago(3500), **more}
    return Audit.objects.create(account=account, **fields)
