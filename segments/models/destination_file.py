"""Files that destinations have put somewhere, who is in them, and the content of links."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segments.models.destination import Destination
from segments.models.people_block import PeopleBlock


class DestinationFile(models.Model):
    """A file at a destination. The row is there before the file may be, and until it is gone."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="files")
    name = models.TextField()
    place = models.TextField(blank=True)
    """Where it is, in the store's words."""
    as_of = models.DateTimeField()
    """The instant of the database's snapshot from which every cell comes."""
    rows = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    """Bytes."""
    is_stored = models.BooleanField(default=False)
    """Whether the store has taken it. Otherwise it may be there: a worker is putting it there, or
    was killed meanwhile."""
    is_leaving = models.BooleanField(default=False)
    """Whether it is to be deleted there: there are newer ones, or a person in it was erased."""

    def __str__(self) -> str:
        return f"{self.destination_id}: {self.name}"


class DestinationLink(models.Model):
    """An address under which everyone who knows it reads a destination's file."""

    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, related_name="link")
    token = models.TextField()
    """Encrypted: people are shown it again."""
    token_hash = models.CharField(max_length=64, unique=True)
    content = models.BinaryField(null=True)
    """The file; null before the first one, and after a person in it was erased."""
    made = models.DateTimeField(null=True)
    reads = models.BigIntegerField(default=0)
    read = models.DateTimeField(null=True)
    """When it was last read."""
    minute = models.DateTimeField(null=True)
    """When the minute began whose reads are counted, so that there are not too many."""
    minute_reads = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"of {self.destination_id}"


class DestinationFileBlock(PeopleBlock):
    """Who is in a file at a destination."""

    file = models.ForeignKey(DestinationFile, on_delete=models.CASCADE, related_name="blocks")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "first_id"], name="one_destination_block_per_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.first_id} to {self.last_id}"
