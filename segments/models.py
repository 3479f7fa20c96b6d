"""The rows of segments: definitions and their versions, membership, its ledger, builds, drafts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.keys import new_key


class Tag(models.Model):
    """A word to sort segments by."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_tag_per_key"),
            models.UniqueConstraint(fields=["account", "name"], name="one_tag_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentStatus(models.TextChoices):
    BUILDING = "building", "Building"
    READY = "ready", "Ready"
    FROZEN = "frozen", "Frozen"
    """The definition cannot be evaluated: membership stays as it was, `error` says why."""


class Segment(models.Model):
    """A named definition and the state of its membership."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.CharField(max_length=200)
    definition = models.JSONField()
    version = models.IntegerField(default=1)
    """Counts up with every change of the definition."""
    is_active = models.BooleanField(default=True)
    is_starred = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, related_name="segments", blank=True)
    status = models.CharField(
        max_length=10, choices=SegmentStatus.choices, default=SegmentStatus.BUILDING
    )
    error = models.TextField(blank=True)
    size = models.IntegerField(default=0)
    """Members, written in the transaction that changes membership."""
    as_of = models.DateTimeField(null=True)
    """The instant of which membership is true."""
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_segment_per_key"),
            models.UniqueConstraint(fields=["account", "name"], name="one_segment_per_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_processing(self) -> bool:
        return self.status == SegmentStatus.BUILDING


class SegmentVersion(models.Model):
    """A definition that a segment has or had."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    definition = models.JSONField()
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number}"


class Membership(models.Model):
    """A person who is in a segment now. No foreign keys in the database, as with events."""

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    entered = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "profile"], name="in_a_segment_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "profile"], name="membership_by_profile"),
            models.Index(fields=["segment", "entered", "profile"], name="membership_by_entered"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.segment_id}"


class MembershipChange(models.Model):
    """The ledger: someone entered or left, why, and since when that was true."""

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    profile_id = models.BigIntegerField()
    entered = models.BooleanField()
    """True for entering, False for leaving."""
    cause = models.CharField(max_length=12, choices=Cause.choices)
    true_since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "at"], name="ledger_by_segment"),
            models.Index(fields=["account", "profile_id", "at"], name="ledger_by_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {'into' if self.entered else 'out of'} {self.segment_id}"


class Build(models.Model):
    """The work of making a segment's membership true for its definition."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="builds")
    version = models.IntegerField()
    cause = models.CharField(max_length=12, choices=Cause.choices)
    people_done = models.IntegerField(default=0)
    people_total = models.IntegerField(default=0)
    created = models.DateTimeField()
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


class Draft(models.Model):
    """What somebody has in the builder and has not saved."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    definition = models.JSONField()
    """As far as it goes: may be unfinished, so it is not always valid."""
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "user", "segment"],
                name="one_draft_each",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name
