"""Definitions of segments: what they say now, what they said before, and drafts of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

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
    editor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    """Who saved its name and definition last, at `edited`; nobody for a program."""
    edited = models.DateTimeField(null=True)

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


class Draft(models.Model):
    """What somebody has in the builder and has not saved.

    One that was saved or discarded stays for a while as a closed row without contents: a preview
    that was under way must not bring it back, and the browser's Back finds what became of it.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=20)
    segment = models.ForeignKey(Segment, on_delete=models.SET_NULL, null=True, related_name="+")
    """What it changes, or became; none for a new segment, or one that was deleted meanwhile."""
    revision = models.JSONField(null=True)
    """What the segment was when its editing began (`segments.engine.revisions`)."""
    name = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    definition = models.JSONField()
    """As far as it goes: may be unfinished, so it is not always valid."""
    updated = models.DateTimeField()
    closed = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "user", "key"], name="one_draft_per_key")
        ]

    def __str__(self) -> str:
        return self.name
