"""Metrics (kinds of events), events, and the properties that occur."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.models.profile import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_key


class Metric(models.Model):
    """An event type, created by its first event."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.TextField()
    created = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_metric_per_key"),
            models.UniqueConstraint(fields=["account", "name"], name="one_metric_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One event of one person.

    There are no foreign keys in the database: every writer locks the profile first (ingest, merge,
    erase), which keeps references valid and costs nothing for each row.
    """

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    metric = models.ForeignKey(
        Metric, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    time = models.DateTimeField()
    value = models.FloatField(null=True)
    unique_id = models.TextField(db_collation="C")
    properties = models.JSONField(default=dict)
    received = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "profile", "metric", "unique_id"], name="one_event_per_unique_id"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "metric", "time"], name="event_by_metric_time"),
            models.Index(
                fields=["account", "time"],
                name="event_to_come",
                condition=models.Q(time__gt=models.F("received")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} by {self.profile_id} at {self.time:%Y-%m-%d %H:%M}"


class Property(models.Model):
    """A property that occurs on the profiles (metric null) or on a metric's events."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.TextField()
    types = ArrayField(models.CharField(max_length=10))
    first_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "metric", "name"],
                name="one_row_per_property",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name
