"""Celery tasks of webhooks: sending what is due, and finding what a wake-up missed."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.debounce import debounce
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


deliveries.new_deliveries.subscribe(debounce(send, elapsed))
rewind.clock_rewind.subscribe(deliveries.rewind)
membership.new_ledger_rows.subscribe(deliveries.enqueue, consumers.tell)
erase.erasure.subscribe(lambda account_id, profile_id: deliveries.forget(account_id, [profile_id]))
