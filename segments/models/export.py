"""Exports: the job with its progress, the file in rows, who is in it, and sets of columns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account, User
from segments.models.people_block import PeopleBlock
from segments.models.segment import Segment


class ExportStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("export", "Waiting")
    RUNNING = "running", pgettext_lazy("export", "Running")
    DONE = "done", pgettext_lazy("export", "Ready")
    FAILED = "failed", pgettext_lazy("export", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("export", "Cancelled")
    EXPIRED = "expired", pgettext_lazy("export", "Expired")
    WITHDRAWN = "withdrawn", pgettext_lazy("export", "Deleted after an erasure")
    """A person in the file was erased, so the file was deleted."""


class Export(models.Model):
    """One file of a segment's members: what was asked for, how far it is, what came of it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="exports")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    request = models.JSONField()
    """Columns, format and the rest, as `segments.member_files.request` writes them."""
    status = models.CharField(
        max_length=10, choices=ExportStatus.choices, default=ExportStatus.WAITING
    )
    as_of = models.DateTimeField(null=True)
    """The instant of the database's snapshot from which every cell comes."""
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    """Bytes of the file."""
    people = models.JSONField(default=dict)
    """How many can be reached, and what is forecast of them, of the same instant."""
    tries = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created = models.DateTimeField()
    heartbeat = models.DateTimeField(null=True)
    """When its worker last showed that it is alive; one that was silent for 60 s is replaced."""
    finished = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "created"], name="export_by_segment"),
            models.Index(
                fields=["status"],
                name="export_with_file",
                condition=models.Q(status__in=["waiting", "running", "done"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} at {self.created}: {self.status}"


class ExportChunk(models.Model):
    """A piece of an export's file. In the database, so that every process of every host has it."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "number"], name="one_export_chunk_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"


class ExportBlock(PeopleBlock):
    """Who is in an export's file, which is written block by block."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="blocks")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "first_id"], name="one_export_block_per_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.export_id}: {self.first_id} to {self.last_id}"


class ColumnSet(models.Model):
    """Columns that somebody has saved under a name, to be chosen again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=80)
    columns = models.JSONField()
    """Names, in their order."""
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "name"], name="one_column_set_per_name")
        ]

    def __str__(self) -> str:
        return self.name
