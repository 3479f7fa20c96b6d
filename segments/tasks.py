"""Celery tasks of segments: each asks for the time and calls one function."""

from __future__ import annotations

from profiles import changes
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import database_now, elapsed, now
from segmenter.kernel.debounce import Waker
from segments.engine import audit as auditing
from segments.engine import live
from segments.engine.build import run_build
from segments.engine.build_queue import builds_due, queue_build
from segments.engine.drafts import delete_old_drafts


@app.task(name="segments.build")
def build(build_id: int) -> None:
    """Build one segment's membership."""
    run_build(build_id, now(), clock=database_now)


@app.task(name="segments.follow")
def follow(account_id: int) -> None:
    """Bring an account's live segments up to the present."""
    live.follow(Account.objects.get(pk=account_id), now(), clock=database_now)


@app.task(name="segments.sweep")
def sweep() -> None:
    """Queue builds and accounts that lost their message or their worker, or are due."""
    for build_id in builds_due(now()):
        build.delay(build_id)
    for account_id in live.accounts_due(now()):
        follow.delay(account_id)


@app.task(name="segments.audit")
def audit(account_id: int) -> None:
    """Recompute all of an account's segments and repair differences."""
    auditing.audit(Account.objects.get(pk=account_id), now(), clock=database_now)


@app.task(name="segments.sweep_audits")
def sweep_audits() -> None:
    """Queue the audits that are due; delete changes that were handled long ago."""
    for account_id in auditing.audits_due(now()):
        audit.delay(account_id)
    changes.forget_handled(now())


@app.task(name="segments.forget_drafts")
def forget_drafts() -> None:
    """Delete drafts that nobody has changed for long."""
    delete_old_drafts(now())


def wake(account_id: int) -> None:
    """Queue an account's changes soon. Without workers they wait for the next sweep: a bulk import
    in a single command would only be slowed down."""
    if not app.conf.task_always_eager:
        waker.wake(account_id)


def _send(account_id: int, seconds: float) -> None:
    if seconds:
        follow.apply_async((account_id,), countdown=seconds)
    else:
        follow.delay(account_id)


waker = Waker(_send, elapsed)


queue_build.append(build.delay)
changes.nudges.append(wake)
