"""What every job of a worker has: its state, and the lease of the worker that has it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account, User


class JobStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("job", "Waiting")
    RUNNING = "running", pgettext_lazy("job", "Running")
    DONE = "done", pgettext_lazy("job", "Ready")
    FAILED = "failed", pgettext_lazy("job", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")


class Job(models.Model):
    """A row that a worker carries to its end (`segments.engine.job_lease`)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    """Who asked for it; null: nobody, it is made by itself."""
    status = models.CharField(max_length=9, choices=JobStatus.choices, default=JobStatus.WAITING)
    tries = models.SmallIntegerField(default=0)
    """How often a worker has begun it."""
    heartbeat = models.DateTimeField()
    error = models.TextField(blank=True)
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        abstract: ClassVar[bool] = True

    @property
    def is_moving(self) -> bool:
        return self.finished is None
