"""Destinations: lists elsewhere that are kept equal to a segment, and files of it that are sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account, User
from segmenter.kernel.keys import new_key
from segments.models.remote_connection import RemoteConnection
from segments.models.segment import Segment


class Schedule(models.TextChoices):
    SOON = "soon", pgettext_lazy("schedule", "Soon after a change")
    HOURLY = "hourly", pgettext_lazy("schedule", "Hourly")
    DAILY = "daily", pgettext_lazy("schedule", "Daily")
    WEEKLY = "weekly", pgettext_lazy("schedule", "Weekly")


class Destination(RemoteConnection):
    """A place elsewhere that a segment's members are sent to."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="destinations")
    key = models.CharField(max_length=6, default=new_key)
    kind = models.CharField(max_length=20)
    """A name in the registry of list destinations, or of file stores."""
    name = models.CharField(max_length=200)
    """What the list or the place is called there; empty where it has no name of its own."""
    settings = models.JSONField(default=dict)
    """The fields of its kind that are not secret."""
    secrets = models.TextField(blank=True)
    """The secret ones, as JSON, encrypted (`segmenter.kernel.secrets`)."""
    columns = models.JSONField(default=list)
    """Names of columns (`segments.member_files`) that are sent with each person."""
    channel = models.CharField(max_length=24, blank=True)
    """Only who can be reached on it is sent; empty: everyone."""
    contents = models.JSONField(default=dict)
    """Of a file: how it is written."""
    schedule = models.CharField(max_length=8, choices=Schedule.choices, default=Schedule.HOURLY)
    hour = models.SmallIntegerField(null=True)
    """Of the day, in the account's time zone; of daily and weekly ones."""
    weekday = models.SmallIntegerField(null=True)
    """0 is Monday; of weekly ones."""
    is_ending = models.BooleanField(default=False)
    """Whether everybody is taken out there, after which it is deleted."""
    compared = models.DateTimeField(null=True)
    """The instant of the last comparison."""
    compared_all = models.DateTimeField(null=True)
    """The instant of the last comparison of everyone; null asks for one."""
    snapshot = models.TextField(blank=True)
    """The database's snapshot (pg_snapshot) of the last comparison: what changed since is looked
    at by the next one."""
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_destination_per_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="destination_due", condition=Q(state="on"))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}"


class DestinationMember(models.Model):
    """Somebody who is at a list destination, may be there, or is to be put there.

    With a profile they are to be there, without one they are to be taken out: they left, have
    another key now, were erased, or are there without our doing. A row stays until the receiver
    has said that they are out.
    """

    destination = models.ForeignKey(
        Destination, on_delete=models.CASCADE, db_index=False, related_name="members"
    )
    key = models.TextField()
    """Who this is there (`segments.destinations.kind.KeyKind`)."""
    profile_id = models.BigIntegerField(null=True)
    fingerprint = models.BinaryField(null=True)
    """Of what the receiver has answered to last; null while that is not known."""
    is_tried = models.BooleanField(default=False)
    """Whether it was sent once, or seen there: then they may be there, whatever we heard."""
    is_due = models.BooleanField(default=True)
    """Whether something is to be sent."""
    refusal = models.TextField(blank=True)
    """Why the receiver did not take them, in its words. They are sent again when their data
    change."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["destination", "key"], name="one_destination_member_per_key"
            ),
            models.UniqueConstraint(
                fields=["destination", "profile_id"], name="one_destination_member_per_person"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["destination", "id"],
                name="destination_member_due",
                condition=Q(is_due=True),
            ),
            models.Index(
                fields=["destination", "id"],
                name="destination_member_refused",
                condition=~Q(refusal=""),
            ),
            models.Index(
                fields=["profile_id"],
                name="destination_member_by_profile",
                condition=Q(profile_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} at {self.destination_id}"


class DestinationRun(models.Model):
    """One round of bringing a destination up to date: what was sent, and what came of it."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="runs")
    is_full = models.BooleanField(default=False)
    """Whether everyone was compared."""
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    added = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    """People whom the receiver did not take."""
    file_name = models.TextField(blank=True)
    file_size = models.BigIntegerField(null=True)
    """Bytes."""
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["destination", "-started"], name="destination_run_by_start")
        ]

    def __str__(self) -> str:
        return f"{self.destination_id} at {self.started:%Y-%m-%d %H:%M}"
