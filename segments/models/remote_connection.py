"""What a connection to another system is to the workers that keep it up to date."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class ConnectionState(models.TextChoices):
    ON = "on", pgettext_lazy("connection", "On")
    PAUSED = "paused", pgettext_lazy("connection", "Paused")
    BROKEN = "broken", pgettext_lazy("connection", "Needs attention")
    """The receiver refused it: nothing is sent until somebody changes it or resumes it."""


class RemoteConnection(models.Model):
    """A connection that one worker at a time works on (`segments.engine.remote_sync`)."""

    state = models.CharField(
        max_length=8, choices=ConnectionState.choices, default=ConnectionState.ON
    )
    error = models.TextField(blank=True)
    """What went wrong last, in the receiver's words; empty after a success."""
    failures = models.SmallIntegerField(default=0)
    """In a row."""
    next_at = models.DateTimeField()
    """When it is next compared or tried."""
    claim = models.UUIDField(null=True)
    lease = models.DateTimeField(null=True)
    """Until when the worker with the claim has it for itself."""

    class Meta:
        abstract = True
