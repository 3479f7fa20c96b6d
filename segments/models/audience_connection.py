"""Live connections of audiences to the APIs of ad networks, and what waits to be sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account, User
from segments.models.audience import Audience
from segments.models.remote_connection import RemoteConnection


class AudienceConnection(RemoteConnection):
    """How an audience is kept up to date at its network."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    audience = models.OneToOneField(Audience, on_delete=models.CASCADE, related_name="connection")
    target = models.JSONField(default=dict)
    """What the audience is called there: the fields of its API that are not secret."""
    credentials = models.TextField()
    """The secret ones, as JSON, encrypted (`segmenter.kernel.secrets`)."""
    compared = models.DateTimeField(null=True)
    """The instant of the last comparison."""
    compared_all = models.DateTimeField(null=True)
    """The instant of the last comparison of everyone."""
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], name="audience_connection_due", condition=models.Q(state="on")
            )
        ]

    def __str__(self) -> str:
        return f"{self.audience_id}: {self.state}"


class AudienceChange(models.Model):
    """Somebody to be added to or removed from a network, until it has said that this is done."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="changes")
    is_removal = models.BooleanField()
    member_id = models.BigIntegerField(null=True)
    """The AudienceMember to be removed."""
    goes = models.BooleanField(default=False)
    """Whether a removal ends the membership; otherwise only these hashes are removed."""
    profile_id = models.BigIntegerField(null=True)
    """Who is to be added."""
    email_hash = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    document = models.JSONField(null=True)
    """What the API is sent of somebody to be added."""
    is_tried = models.BooleanField(default=False)
    """Whether it was sent once: then the network may have it, whatever we heard."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["profile_id"], name="audience_change_by_profile"),
        ]

    def __str__(self) -> str:
        return f"{'-' if self.is_removal else '+'}{self.profile_id or self.member_id}"


class AudienceSync(models.Model):
    """One round of comparing and sending: what was sent and what the network refused."""

    connection = models.ForeignKey(
        AudienceConnection, on_delete=models.CASCADE, related_name="syncs"
    )
    is_full = models.BooleanField(default=False)
    """Whether everyone was compared."""
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    added = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    invalid = models.IntegerField(default=0)
    """Entries that the network could not read."""
    samples = models.JSONField(default=list)
    """Some of what it said about them."""
    open_requests = models.JSONField(default=list)
    """Requests whose outcome the network tells later."""
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["connection", "-started"], name="audience_sync_by_start")
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} at {self.started:%Y-%m-%d %H:%M}"
