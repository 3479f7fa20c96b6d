"""Celery tasks of segments: each asks for the time and calls one function."""

from __future__ import annotations

from profiles import changes
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import database_now, elapsed, now
from segmenter.kernel.debounce import debounce
from segments.engine import audit as auditing
from segments.engine import live
from segments.engine.build import run_build
from segments.engine.build_queue import builds_due, new_build
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


new_build.subscribe(build.delay)
changes.profile_change.subscribe(debounce(follow, elapsed))
