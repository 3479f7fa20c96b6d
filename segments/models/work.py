"""Work on membership: builds, the account's clock, audits, heartbeats."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.models.segment import Segment


class Build(models.Model):
    """The computation of a segment's membership from its definition."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="builds")
    version = models.IntegerField()
    cause = models.CharField(max_length=12, choices=Cause.choices)
    announces = models.BooleanField(default=False)
    """Whether the editor wants all webhooks to hear who enters and leaves by it."""
    people_done = models.IntegerField(default=0)
    people_total = models.IntegerField(default=0)
    snapshot = models.TextField(blank=True)
    """The database's snapshot before anyone was evaluated (see `profiles.changes`)."""
    created = models.DateTimeField()
    started = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segment"],
                name="one_unfinished_build",
                condition=models.Q(finished=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.version}"


class BuildPart(models.Model):
    """Who matches among some people, stored until the build ends.

    Another worker that takes over need not evaluate them again.
    """

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="parts")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    people = models.IntegerField()
    members = ArrayField(models.BigIntegerField())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["build", "first_id"], name="one_part_per_start")
        ]

    def __str__(self) -> str:
        return f"{self.build_id}: {self.first_id} to {self.last_id}"


class AccountClock(models.Model):
    """Until when the windows of an account's segments have moved."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)
    until = models.DateTimeField()
    """Everyone who crossed a window's edge before this instant has a ProfileChange for it."""
    time_zone = models.TextField()
    """The time zone when the clock last moved."""
    audited = models.DateTimeField(null=True)
    """When the last audit began."""
    went_back_at = models.DateTimeField(null=True)
    """When stored times were last found ahead of the clock, which had gone back."""
    went_back_by = models.DurationField(null=True)
    """How far ahead the latest of them was."""

    def __str__(self) -> str:
        return f"{self.account_id} until {self.until}"


class Audit(models.Model):
    """One recomputation of all segments of an account, and its result."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    started = models.DateTimeField()
    heartbeat = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    segments = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    differences = models.IntegerField(default=0)
    """People who were wrongly in a segment, or wrongly not in it: a defect."""
    details = models.JSONField(default=list)
    """For each segment that differed: {segment: key, name, entered: n, left: n, people: [ids]}."""
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "started"], name="audit_by_time")]

    def __str__(self) -> str:
        return f"{self.account_id} at {self.started}: {self.differences}"


class Heartbeat(models.Model):
    """A process, and when it was last alive."""

    process = models.TextField(primary_key=True)
    """Its kind, host and process number, such as `worker@shop-1:4711`."""
    kind = models.CharField(max_length=10)
    """web, worker or beat."""
    started = models.DateTimeField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.process
