"""The files that mirror an account's people and events on a machine."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account


class Mirror(models.Model):
    """The columns of an account as files in one folder; they can be rebuilt at any time.

    `home` is the unique name of the folder, stored in it: a machine that lost its folder has none.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    home = models.TextField()
    database = models.TextField()
    """The identity of the snapshot's database: the mirror is void after a restore into another."""
    snapshot = models.TextField()
    """The watermark (pg_snapshot): the files may lack changes that it does not see."""
    files = models.JSONField(default=list)
    """For each column its key, the name of its file, and the file's size in bytes."""
    people = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    taken = models.DateTimeField()
    """When the snapshot was taken."""
    seconds = models.FloatField(default=0)
    """Seconds that making it took."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "home"], name="one_mirror_per_home")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.home}"
