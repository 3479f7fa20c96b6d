"""Celery tasks of webhooks: sending due messages, and finding those whose wake-up was lost."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.debounce import debounce
from segments.engine import membership, rewind
from segments.webhooks import deliveries
from segments.webhooks.sender import send_batch, webhooks_due

ROUNDS = 10
"""Batches to one webhook before others are served."""


@app.task(name="segments.send")
def send(webhook_id: int) -> None:
    """Send the due messages of a webhook, a few batches at a time."""
    for _round in range(ROUNDS):
        if not send_batch(webhook_id, now()):
            return
    if not app.conf.task_always_eager:
        send.delay(webhook_id)


@app.task(name="segments.sweep_webhooks")
def sweep_webhooks() -> None:
    """Queue webhooks whose nudge was lost, or whose messages are due again."""
    for webhook_id in webhooks_due(now()):
        send.delay(webhook_id)


@app.task(name="segments.tidy_webhooks")
def tidy_webhooks() -> None:
    """Expire messages that were tried for a day; delete old rows of the log."""
    deliveries.fail_expired(now())
    deliveries.delete_old(now())


deliveries.new_deliveries.subscribe(debounce(send, elapsed))
rewind.clock_rewind.subscribe(deliveries.rewind)
membership.new_ledger_rows.subscribe(deliveries.enqueue)
erase.erasure.subscribe(
    lambda account_id, profile_id: deliveries.blank_answers(account_id, [profile_id])
)
