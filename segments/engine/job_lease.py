"""The life of a job: it waits, one worker at a time carries it, and it ends once.

A job is one worker's as long as its heartbeat is the one that this worker wrote last. A worker that
is silent for LEASE is replaced, and whoever takes over begins anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from segmenter.kernel.errors import ApplicationError
from segmenter.kernel.leases import stale
from segments.models import Job, JobStatus

LEASE = timedelta(minutes=2)
"""Longer than the longest step between two heartbeats."""
RENEWED = timedelta(seconds=10)
"""How long a worker that counts waits between two heartbeats."""
TRIES = 5
"""How often a job is begun before it is given up."""
SOON = timedelta(seconds=5)
"""A job that waits longer has probably lost its message."""

_log = logging.getLogger(__name__)


class JobLeaseLost(Exception):
    """The job was cancelled, or another worker has taken it over."""


class JobLease:
    """A worker's right to a job."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self.job = job
        self._heartbeat = job.heartbeat
        self._clock = clock

    def renew(self, **changes: Any) -> None:
        """Write a heartbeat, and changes of the job with it. Raises JobLeaseLost."""
        at = self._clock()
        rows = type(self.job)._default_manager.filter(
            pk=self.job.pk, status=JobStatus.RUNNING, heartbeat=self._heartbeat
        )
        if not rows.update(heartbeat=at, **changes):
            raise JobLeaseLost
        self._heartbeat = at

    def renew_if_due(self) -> None:
        """Write a heartbeat, unless the last one is a few seconds old. Raises JobLeaseLost."""
        if abs(self._clock() - self._heartbeat) >= RENEWED:
            self.renew()

    def end(self, status: JobStatus, **changes: Any) -> None:
        """End the job, with changes of it. Raises JobLeaseLost."""
        self.renew(status=status, finished=self._clock(), **changes)


def claim(model: type[Job], job_id: int, clock: Callable[[], datetime]) -> JobLease | None:
    """Take a job that waits, or whose worker is silent; None if there is nothing to do."""
    at = clock()
    with transaction.atomic():
        free = Q(status=JobStatus.WAITING) | stale("heartbeat", at, LEASE)
        rows = model._default_manager.select_for_update(skip_locked=True)
        job = rows.filter(free, pk=job_id, finished=None).first()
        if job is None:
            return None
        if job.tries >= TRIES:
            job.status, job.finished = JobStatus.FAILED, at
            message = gettext("Given up: its worker went away %(n)d times.") % {"n": TRIES}
            job.error = f"{message} {job.error}".strip()
        else:
            job.status, job.heartbeat, job.tries = JobStatus.RUNNING, at, job.tries + 1
        job.save(update_fields=["status", "heartbeat", "tries", "finished", "error"])
    return JobLease(job, clock) if job.finished is None else None


def carry(
    model: type[Job],
    job_id: int,
    clock: Callable[[], datetime],
    work: Callable[[JobLease], None],
) -> None:
    """Carry a job to its end, unless another worker has it.

    An ApplicationError ends it as failed, with its words. After any other error it stays "running"
    and is begun anew once its lease is over: time for what is broken to mend.
    """
    lease = claim(model, job_id, clock)
    if lease is None:
        return
    try:
        work(lease)
    except JobLeaseLost:
        _log.info("%s %s is in other hands", model.__name__, job_id)
    except ApplicationError as error:
        words = " ".join(problem.message for problem in error.problems) or str(error)
        try:
            lease.end(JobStatus.FAILED, error=words)
        except JobLeaseLost:
            _log.info("%s %s failed, but is in other hands", model.__name__, job_id)
    except Exception as error:
        words = f"{type(error).__name__}: {error}".replace("\0", "").split("\n", 1)[0]
        running = model._default_manager.filter(pk=job_id, status=JobStatus.RUNNING)
        running.update(error=words)
        raise


def cancel(job: Job, *, at: datetime) -> bool:
    """Stop a job; False if it had ended already."""
    rows = type(job)._default_manager.filter(pk=job.pk, finished=None)
    return bool(rows.update(status=JobStatus.CANCELLED, finished=at))


def late_jobs(model: type[Job], at: datetime) -> list[int]:
    """Return the jobs whose message was lost or whose worker is silent, for the sweep."""
    waiting = Q(status=JobStatus.WAITING) & stale("heartbeat", at, SOON)
    late = waiting | stale("heartbeat", at, LEASE)
    jobs = model._default_manager.filter(finished=None)
    ids = list(jobs.filter(late).order_by("pk").values_list("pk", flat=True))
    # One message at a time: the next sweep that finds it still waiting sends another.
    jobs.filter(pk__in=ids, status=JobStatus.WAITING).update(heartbeat=at)
    return ids
