"""Celery's door to segments: each task parses, asks for the time and calls the verb."""

from __future__ import annotations

from profiles import changes
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import database_now, elapsed, now
from segmenter.kernel.debounce import debounce
from segments.engine import audit as auditing
from segments.engine import live
from segments.engine.build import run_build
from segments.engine.build_queue import new_build, waiting_builds
from segments.engine.drafts import forget_old


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
    """Put in the queue what lost its message or its worker, and accounts whose time has come."""
    for build_id in waiting_builds(now()):
        build.delay(build_id)
    for account_id in live.accounts_waiting(now()):
        follow.delay(account_id)


@app.task(name="segments.audit")
def audit(account_id: int) -> None:
    """Recompute all of an account's segments and compare."""
    auditing.audit(Account.objects.get(pk=account_id), now(), clock=database_now)


@app.task(name="segments.sweep_audits")
def sweep_audits() -> None:
    """Have the accounts audited whose last audit is a day old; forget changes long handled."""
    for account_id in auditing.audits_due(now()):
        audit.delay(account_id)
    changes.forget_handled(now())


@app.task(name="segments.forget_drafts")
def forget_drafts() -> None:
    """Delete drafts that nobody has touched for long."""
    forget_old(now())


new_build.subscribe(build.delay)
changes.profile_change.subscribe(debounce(follow, elapsed))
