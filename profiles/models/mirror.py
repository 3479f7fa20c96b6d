"""Which files mirror an account's people and events on a machine, and as of when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account


class Mirror(models.Model):
    """The columns of an account as files in one folder; whoever deletes it makes it anew.

    `home` names the folder, by what lies in it: a machine whose folder was lost has none.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    home = models.TextField()
    database = models.TextField()
    """Which one the snapshot is of: after a restore into another one it says nothing."""
    snapshot = models.TextField()
    """The watermark (pg_snapshot): of changes that it does not see, the files may know nothing."""
    files = models.JSONField(default=list)
    """Of each column: its key, the name of its file, and how many bytes that has."""
    people = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    taken = models.DateTimeField()
    """When the snapshot was taken."""
    seconds = models.FloatField(default=0)
    """How long it took to make."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "home"], name="one_mirror_per_home")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.home}"
