"""`/metrics`: what Prometheus reads, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families as parse
from pytest_django import Settings

from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, ProfileChange
from segmenter.accounts.models import Account, User, create_account
from segments.health import heartbeats
from segments.health.exposition import exposition
from segments.models import AccountClock, Audit, Delivery, Segment, SegmentStatus, Webhook
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db

Samples = dict[tuple[str, str], float]


def scraped() -> Samples:
    """Name and label values to value, of our own figures."""
    body, content_type = exposition(AT)
    assert content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in parse(body.decode())
        for sample in family.samples
    }


def test_every_account_and_process_has_its_figures(
    account: Account, other_account: Account
) -> None:
    for one in (account, other_account):
        AccountClock.objects.create(account=one, until=AT - timedelta(seconds=30), time_zone="UTC")
    ingest_profiles(
        account=account,
        records=[{"email": "anna@example.com"}, {"email": "bo@example.com"}],
        at=AT - timedelta(seconds=90),
    )
    waits = {"account": account, "profile_id": 1, "cause": Cause.EVENT, "facts": ["exists"]}
    ProfileChange.objects.create(**waits, at=AT, handled=AT, error="no", transaction=1)
    Segment.objects.create(
        account=account,
        name="Stuck",
        definition={},
        status=SegmentStatus.FROZEN,
        created=AT,
        updated=AT,
    )
    webhook = Webhook.objects.create(
        account=account, name="Mailer", url="https://x.test/", failures=3, created=AT, updated=AT
    )
    for state in ("pending", "sent"):
        Delivery.objects.create(account=account, webhook=webhook, state=state, created=AT, since=AT)
    for hours, differences in ((30, 9), (6, 2)):
        began = AT - timedelta(hours=hours)
        Audit.objects.create(
            account=account,
            started=began,
            heartbeat=began,
            finished=began,
            differences=differences,
        )
    for kind, silence in (("worker", 3), ("beat", 60)):
        heard = AT - timedelta(seconds=silence)
        heartbeats.write_heartbeat(f"{kind}@shop-1:7", kind=kind, started=AT, at=heard)
    samples = scraped()
    expected = {
        ("segmenter_database_up", ""): 1,
        ("segmenter_changes_waiting", "shop"): 2,
        ("segmenter_changes_waiting", "elsewhere"): 0,
        ("segmenter_oldest_change_age_seconds", "shop"): 90,
        ("segmenter_oldest_change_age_seconds", "elsewhere"): 0,
        ("segmenter_watermark_lag_seconds", "shop"): 90,
        ("segmenter_watermark_lag_seconds", "elsewhere"): 0,
        ("segmenter_clock_age_seconds", "elsewhere"): 30,
        ("segmenter_clock_ahead_seconds", "elsewhere"): 0,
        ("segmenter_clock_went_back_seconds", "elsewhere"): 0,
        ("segmenter_changes_set_aside", "shop"): 1,
        ("segmenter_changes_set_aside", "elsewhere"): 0,
        ("segmenter_builds_unfinished", "shop"): 0,
        ("segmenter_segments_frozen", "shop"): 1,
        ("segmenter_imports_unfinished", "shop"): 0,
        ("segmenter_deliveries_pending", "shop"): 1,
        ("segmenter_deliveries_pending", "elsewhere"): 0,
        ("segmenter_webhooks_failing", "shop"): 1,
        ("segmenter_audit_differences", "shop"): 2,
        ("segmenter_audit_differences", "elsewhere"): 0,
        ("segmenter_audit_age_seconds", "shop"): 6 * 3600,
        ("segmenter_heartbeat_age_seconds", "worker,shop-1:7"): 3,
        ("segmenter_heartbeat_age_seconds", "beat,shop-1:7"): 60,
        ("segmenter_processes_alive", "worker"): 1,
        ("segmenter_processes_alive", "beat"): 0,
    }
    assert {key: samples[key] for key in expected} == expected
    assert ("segmenter_audit_age_seconds", "elsewhere") not in samples
    assert samples["process_resident_memory_bytes", ""] > 0
    assert ("segmenter_membership_changes_total", "") in samples
    assert ("segmenter_events_stored_total", "") in samples


def test_a_clock_that_went_back_is_a_figure(account: Account, other_account: Account) -> None:
    hours = timedelta(hours=6)
    for each, until in ((account, AT + hours), (other_account, AT)):
        AccountClock.objects.create(account=each, until=until, time_zone="UTC")
    AccountClock.objects.filter(account=other_account).update(
        went_back_at=AT - timedelta(hours=23), went_back_by=hours
    )
    samples = scraped()
    assert samples["segmenter_clock_ahead_seconds", "shop"] == 6 * 3600
    assert samples["segmenter_watermark_lag_seconds", "shop"] == 6 * 3600
    assert samples["segmenter_clock_went_back_seconds", "shop"] == 0
    assert samples["segmenter_clock_ahead_seconds", "elsewhere"] == 0
    assert samples["segmenter_watermark_lag_seconds", "elsewhere"] == 0
    assert samples["segmenter_clock_went_back_seconds", "elsewhere"] == 6 * 3600


def test_the_number_of_questions_does_not_grow_with_the_accounts(
    account: Account, other_account: Account
) -> None:
    with CaptureQueriesContext(connection) as few:
        exposition(AT)
    for number in range(5):
        create_account(slug=f"shop-{number}")
    with CaptureQueriesContext(connection) as many:
        exposition(AT)
    assert len(few) == len(many) < 20


def test_without_the_database_it_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server has gone")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        patch.setattr(connection, "chunked_cursor", away)
        samples = scraped()
    assert samples["segmenter_database_up", ""] == 0
    assert not [name for name, _ in samples if name.startswith("segmenter_changes")]
    assert samples["process_resident_memory_bytes", ""] > 0


TOKEN = "a-long-random-token"


@pytest.mark.parametrize(
    ("address", "headers", "token", "proxies", "status"),
    [
        ("127.0.0.1", {}, "", 0, 200),
        ("::1", {}, "", 0, 200),
        ("127.8.8.8", {}, "", 0, 200),
        ("10.0.0.7", {}, "", 0, 404),
        ("192.168.1.4", {"X-Forwarded-For": "127.0.0.1"}, "", 0, 404),
        # A proxy on this machine: everybody comes from 127.0.0.1.
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, "", 0, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, "", 0, 404),
        ("127.0.0.1", {}, "", 1, 404),
        ("", {}, "", 0, 404),
        ("nonsense", {}, "", 0, 404),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}"}, TOKEN, 1, 200),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}"}, "", 0, 404),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}x"}, TOKEN, 0, 404),
        ("10.0.0.7", {"Authorization": TOKEN}, TOKEN, 0, 404),
        ("10.0.0.7", {"Authorization": "Bearer "}, TOKEN, 0, 404),
        ("10.0.0.7", {"Authorization": "Bearer é"}, TOKEN, 0, 404),
        ("127.0.0.1", {}, TOKEN, 0, 404),
    ],
)
def test_who_may_read_it(
    address: str,
    headers: dict[str, str],
    token: str,
    proxies: int,
    status: int,
    account: Account,
    settings: Settings,
) -> None:
    settings.SEGMENTER_METRICS_TOKEN, settings.SEGMENTER_PROXIES = token, proxies
    answer = Client(REMOTE_ADDR=address).get("/metrics", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert "no-store" in answer["Cache-Control"]
        assert list(parse(answer.content.decode()))
    else:
        assert answer.content == Client().get("/no-such-page").content


def test_a_session_opens_nothing(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert client.post("/metrics").status_code == 405
