"""Consents of people by channel, and suppressions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from profiles.consent_words import Channel, ConsentStatus, SuppressionReason
from profiles.models.profile import Profile
from segmenter.accounts.models import Account


class Consent(models.Model):
    """The state of one channel for one person; no row means never subscribed.

    `status_date` is null if it is unknown: such a statement is older than every one with a date.
    `recorded` is when it was received.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=24, choices=Channel.choices)
    status = models.CharField(max_length=20, choices=ConsentStatus.choices)
    status_date = models.DateTimeField(null=True)
    recorded = models.DateTimeField()
    method = models.TextField(null=True)
    method_detail = models.TextField(null=True)
    custom_source = models.TextField(null=True)
    is_double_opt_in = models.BooleanField(null=True)
    is_rcs_capable = models.BooleanField(null=True)
    reachability = models.TextField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "profile", "channel"], name="one_consent_per_channel"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "channel", "status_date"], name="consent_by_date")
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.channel}: {self.status}"


class Suppression(models.Model):
    """A reason why a person may not receive messages on a channel, whatever their consent."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="suppressions")
    channel = models.CharField(max_length=24, choices=Channel.choices)
    reason = models.CharField(max_length=20, choices=SuppressionReason.choices)
    date = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "profile", "channel", "reason"],
                name="one_suppression_per_reason",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "channel", "date"], name="suppression_by_date")
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.channel}: {self.reason}"
