"""Batches of people and events for the tests of ingest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from profiles.ingest.store import IngestResult, ingest_events, ingest_profiles
from profiles.models import Consent
from segmenter.accounts.models import Account

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def people(account: Account, *records: dict[str, Any], at: datetime = NOON) -> IngestResult:
    return ingest_profiles(account=account, records=records, at=at)


def events(account: Account, *records: dict[str, Any], at: datetime = NOON) -> IngestResult:
    return ingest_events(account=account, records=records, at=at)


def order(person: str, unique_id: str | None = None, **more: Any) -> dict[str, Any]:
    event = {"metric": "Placed Order", "time": NOON.isoformat(), "unique_id": unique_id}
    return {**event, "profile": {"external_id": person}, **more}


def counts(outcome: IngestResult) -> tuple[int, int, int]:
    return outcome.accepted, outcome.unchanged, len(outcome.rejected)


def consent() -> tuple[str, datetime | None]:
    row = Consent.objects.get()
    return row.status, row.status_date
