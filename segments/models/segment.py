"""Segments with their definitions, the versions of these, and drafts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account, User
from segmenter.kernel.keys import new_key


class Tag(models.Model):
    """A label to group segments by."""

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
    """The definition cannot be evaluated: membership does not change, `error` says why."""


class PresentSegments(models.Manager["Segment"]):
    """The segments that are not deleted."""

    def get_queryset(self) -> models.QuerySet[Segment]:
        return super().get_queryset().filter(deleted=None)


class Segment(models.Model):
    """A named definition and the state of its membership.

    A deleted segment keeps its rows for a while, so that the deletion can be undone. `objects` does
    not have it; whatever comes from another table's row must leave it out itself.
    """

    objects = PresentSegments()
    with_deleted = models.Manager["Segment"]()

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.CharField(max_length=200)
    definition = models.JSONField()
    version = models.IntegerField(default=1)
    """Increases with every change of the definition."""
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
    """The instant as of which membership is true."""
    created = models.DateTimeField()
    updated = models.DateTimeField()
    editor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    """Who last saved its name and definition, at `edited`; null for a program."""
    edited = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)
    """When somebody last used it, to the day; null if nobody has since it was created."""
    warned = models.DateTimeField(null=True)
    """Since when its pages say that it will be deactivated because nobody uses it."""
    retired = models.DateTimeField(null=True)
    """When it was deactivated because nobody used it; null if it is active, or a person did it."""
    deleted = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_segment_per_key"),
            models.UniqueConstraint(
                fields=["account", "name"],
                name="one_segment_per_name",
                condition=models.Q(deleted=None),
            ),
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
    """Unsaved contents of the builder.

    A draft that was saved or discarded remains for a while as a closed row without contents. So a
    late preview request cannot reopen it, and the browser's Back button finds the saved segment.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=20)
    segment = models.ForeignKey(Segment, on_delete=models.SET_NULL, null=True, related_name="+")
    """The segment that it edits, or became; null for a new one, or if that was deleted."""
    revision = models.JSONField(null=True)
    """The state of the segment when its editing began (`segments.engine.revisions`)."""
    name = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    definition = models.JSONField()
    """May be incomplete, and so invalid."""
    updated = models.DateTimeField()
    closed = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "user", "key"], name="one_draft_per_key")
        ]

    def __str__(self) -> str:
        return self.name
