"""Imports of files: the job with its progress, and the file itself in rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account, User


class ImportStatus(models.TextChoices):
    MAPPING = "mapping", "Choosing columns"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class ImportJob(models.Model):
    """The import of one file. `settings` contains its layout and mapping."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=[("profiles", "People"), ("events", "Events")])
    file_name = models.TextField()
    bytes_total = models.BigIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    settings = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=ImportStatus.choices)
    accepted = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    """Written by the job's worker; a job without a heartbeat for 60 s is taken over."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "created"], name="import_by_created")]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.status}"


class ImportChunk(models.Model):
    """A piece of an import's file (`file`) or of its rejected rows (`rejects`), in order.

    In the database, so that workers of every host can read it and backups contain it.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="chunks")
    part = models.CharField(max_length=8, choices=[("file", "File"), ("rejects", "Rejected rows")])
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "part", "number"], name="one_chunk_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.part} {self.number}"
