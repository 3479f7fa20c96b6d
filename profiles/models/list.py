"""Lists of people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from profiles.models.profile import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_key


class List(models.Model):
    """A named set of people that changes only by explicit additions and removals."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.TextField()
    created = models.DateTimeField()
    updated = models.DateTimeField()
    removals_since = models.DateTimeField(null=True)
    """Who was removed before this is not known; null if every removal has a row."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_list_per_key"),
            models.UniqueConstraint(fields=["account", "name"], name="one_list_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ListMember(models.Model):
    """A person on a list since a time."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="members")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="list_memberships")
    joined = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "profile"], name="on_a_list_once")
        ]
        indexes: ClassVar = [models.Index(fields=["list", "joined"], name="list_member_by_joined")]

    def __str__(self) -> str:
        return f"{self.profile_id} on {self.list_id}"


class ListRemoval(models.Model):
    """A person who was on a list from `joined` until `removed`. The person may be gone."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    list = models.ForeignKey(List, on_delete=models.CASCADE, db_index=False, related_name="+")
    profile_id = models.BigIntegerField()
    joined = models.DateTimeField()
    removed = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["list", "removed"], name="list_removal_by_time"),
            models.Index(fields=["account", "profile_id"], name="list_removal_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} off {self.list_id}"
