"""Celery tasks of webhooks: sending what is due, and finding what a wake-up missed."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.debounce import Waker
from segments.engine import membership, rewind
from segments.webhooks import consumers, deliveries
from segments.webhooks.sender import send_some, waiting_webhooks

ROUNDS = 10
"""Batches to one webhook after which others have their turn."""


@app.task(name="segments.send")
def send(webhook_id: int) -> None:
    """Send what is due to a webhook, some batches of it at a time."""
    for _round in range(ROUNDS):
        if not send_some(webhook_id, now()):
            return
    if not app.conf.task_always_eager:
        send.delay(webhook_id)


@app.task(name="segments.sweep_webhooks")
def sweep_webhooks() -> None:
    """Find what a nudge missed and what is due again."""
    for webhook_id in waiting_webhooks(now()):
        send.delay(webhook_id)


@app.task(name="segments.tidy_webhooks")
def tidy_webhooks() -> None:
    """Give up what was tried for a day; clear the log of what is old."""
    deliveries.give_up(now())
    deliveries.clear_away(now())


def wake(webhook_id: int) -> None:
    """Have a webhook's messages sent soon. Without workers they wait for the sweep."""
    if not app.conf.task_always_eager:
        waker.wake(webhook_id)


def _send(webhook_id: int, seconds: float) -> None:
    if seconds:
        send.apply_async((webhook_id,), countdown=seconds)
    else:
        send.delay(webhook_id)


waker = Waker(_send, elapsed)
deliveries.nudges.append(wake)
rewind.rewound.append(deliveries.rewind)
membership.ledger_written += [deliveries.enqueue, consumers.tell]
erase.erased.append(lambda account_id, profile_id: deliveries.forget(account_id, [profile_id]))
