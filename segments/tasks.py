"""Celery's door to segments: each task parses, asks for the time and calls the verb."""

from __future__ import annotations

from profiles import changes
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.engine.audit import recompute_due
from segments.engine.build import queue_build, run_build, waiting_builds
from segments.engine.live import accounts_waiting, handle_changes


@app.task(name="segments.build")
def build(build_id: int) -> None:
    """Build one segment's membership."""
    run_build(build_id, now())


@app.task(name="segments.follow")
def follow(account_id: int) -> None:
    """Handle an account's waiting changes until there are none."""
    account = Account.objects.get(pk=account_id)
    while handle_changes(account, now()):
        pass


@app.task(name="segments.sweep")
def sweep() -> None:
    """Put in the queue again what lost its message or its worker."""
    for build_id in waiting_builds(now()):
        build.delay(build_id)
    for account_id in accounts_waiting():
        follow.delay(account_id)


@app.task(name="segments.refresh")
def refresh() -> None:
    """Let membership follow the time."""
    for account in Account.objects.all():
        recompute_due(account, now())


def wake(account_id: int) -> None:
    """Have changes followed soon. Without workers they wait for the sweep of whoever runs next:
    a bulk import in a lone command would only be slowed down."""
    if not app.conf.task_always_eager:
        follow.delay(account_id)


queue_build.append(build.delay)
changes.nudges.append(wake)
