"""Audiences at ad networks: their files, and whom a network has been given."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account, User
from segmenter.kernel.keys import new_key
from segments.models.segment import Segment


class Audience(models.Model):
    """A segment's people at one ad network."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=20)
    """A name in the registry of networks (`segments.audiences.network`)."""
    is_live = models.BooleanField(default=False)
    """Whether it is kept by a connection and not by files: the two do not know of each other."""
    includes_unasked = models.BooleanField(default=False)
    """Whether people who never said yes or no are included too, as chosen for the last file."""
    created = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segment", "network", "is_live"], name="one_audience_per_network"
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} at {self.network}"


class AudienceMember(models.Model):
    """A person the network has been given, by the hashes it knows them by.

    Without a profile the hashes belong to nobody here any more: the person was erased, or has
    another address now. They are kept for the next file of removals and deleted with it.
    """

    audience = models.ForeignKey(
        Audience, on_delete=models.CASCADE, db_index=False, related_name="members"
    )
    profile_id = models.BigIntegerField(null=True)
    email_hash = models.BinaryField(null=True)
    """SHA-256 of the e-mail address in the network's normal form."""
    phone_hash = models.BinaryField(null=True)
    is_partial = models.BooleanField(default=False)
    """Whether one of their hashes was removed while they stayed. That may have taken the person out
    at the network, so they are in the next file of additions."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["audience", "profile_id"], name="one_audience_member_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.audience_id}"


class AudienceFileKind(models.TextChoices):
    EVERYONE = "everyone", _("Everyone")
    ADDITIONS = "additions", _("Additions")
    REMOVALS = "removals", _("Removals")


class AudienceFileState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("file", "Being made")
    READY = "ready", pgettext_lazy("file", "Ready")
    EXPIRED = "expired", pgettext_lazy("file", "Expired")
    FAILED = "failed", pgettext_lazy("file", "Failed")


class AudienceFile(models.Model):
    """A file for a network: who asked for it and when, what is in it, and who is not and why."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="files")
    key = models.CharField(max_length=6, default=new_key)
    kind = models.CharField(max_length=10, choices=AudienceFileKind.choices)
    includes_unasked = models.BooleanField(default=False)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    """Nobody for a command."""
    state = models.CharField(
        max_length=8, choices=AudienceFileState.choices, default=AudienceFileState.WAITING
    )
    tries = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)
    rows = models.IntegerField(default=0)
    matches = models.JSONField(default=dict)
    """How many rows hold an e-mail address, and how many a phone number."""
    left_out = models.JSONField(default=dict)
    """Reason to how many people."""
    created = models.DateTimeField()
    at = models.DateTimeField(null=True)
    """The instant of which the file is true."""
    finished = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_audience_file_per_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["audience", "created"], name="audience_file_by_created"),
            models.Index(
                fields=["id"], name="audience_file_waiting", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audience_id} {self.kind}: {self.state}"


class AudienceFileLine(models.Model):
    """One line of a file that can be downloaded, so that an erased person's can be taken out.

    Lines of removals have no profile: they stay until the file expires.
    """

    pk = models.CompositePrimaryKey("file", "number")
    file = models.ForeignKey(
        AudienceFile, on_delete=models.CASCADE, db_index=False, related_name="lines"
    )
    number = models.IntegerField()
    profile_id = models.BigIntegerField(null=True)
    line = models.TextField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["profile_id"],
                name="audience_line_by_profile",
                condition=models.Q(profile_id__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_id} line {self.number}"
