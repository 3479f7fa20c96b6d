"""Webhooks, and a delivery for each message to one."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_key
from segments.models.segment import Segment


class Webhook(models.Model):
    """A URL that receives who enters and leaves segments, signed by Standard Webhooks."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=2000)
    secret = models.CharField(max_length=100)
    """`whsec_` and base64. Stored in plain text, because it signs; pages show it once."""
    old_secret = models.CharField(max_length=100, blank=True)
    old_secret_until = models.DateTimeField(null=True)
    """Until when the previous secret signs too."""
    all_segments = models.BooleanField(default=True)
    segments = models.ManyToManyField(Segment, related_name="webhooks", blank=True)
    """The chosen segments, unless `all_segments`."""
    entering = models.BooleanField(default=True)
    leaving = models.BooleanField(default=True)
    definitions = models.BooleanField(default=False)
    """Whether it also receives who enters and leaves because a definition was edited."""
    is_active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=12, blank=True)
    """A `Reason` if it was switched off automatically; "" if by a person."""
    failures = models.IntegerField(default=0)
    """Consecutive failed attempts."""
    rest_until = models.DateTimeField(null=True)
    """Before this instant, a failing webhook is not tried."""
    sent = models.BigIntegerField(default=0)
    """Messages that were ever delivered."""
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_webhook_per_key")
        ]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, at: datetime) -> list[str]:
        """The secrets that sign at an instant, newest first."""
        if self.old_secret and self.old_secret_until is not None and at < self.old_secret_until:
            return [self.secret, self.old_secret]
        return [self.secret]


class DeliveryState(models.TextChoices):
    PENDING = "pending", pgettext_lazy("message", "Waiting")
    SENT = "sent", pgettext_lazy("message", "Delivered")
    FAILED = "failed", pgettext_lazy("message", "Failed")
    """Not tried again, unless somebody asks for it."""


class Reason(models.TextChoices):
    """Why an attempt failed."""

    STATUS = "status", _("The receiver answered with an error.")
    GONE = "gone", _("The receiver answered 410: it wants no more messages.")
    REDIRECT = (
        "redirect",
        _("The receiver answered with another address. Redirects are not followed."),
    )
    TIMEOUT = "timeout", _("There was no answer within 5 seconds.")
    UNKNOWN_HOST = "host", _("The address’s host is not known.")
    REFUSED = "refused", _("The address leads into a private network. Nothing is sent there.")
    TLS = "tls", _("The receiver’s certificate is not valid, or there was no secure connection.")
    CONNECTION = "connection", _("The receiver could not be reached.")
    PROTOCOL = "protocol", _("The answer was not HTTP.")
    UNKNOWN = "unknown", _("The message could not be written.")
    FORGOTTEN = "forgotten", _("The segment is deleted.")
    EXPIRED = "expired", _("It could not be delivered within a day.")


class Delivery(models.Model):
    """A message to one webhook, and its state.

    It has no personal data: the contents are created for each attempt (see
    `segments.webhooks.messages`).
    """

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    webhook = models.ForeignKey(
        Webhook,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
    )
    """Without a foreign key in the database: whoever adds deliveries locks the webhook."""
    message_id = models.UUIDField(default=uuid.uuid4)
    """The same at every attempt, so that receivers recognise duplicates."""
    change_id = models.BigIntegerField(null=True)
    """The MembershipChange of the message; null for a test message."""
    profile_id = models.BigIntegerField(null=True)
    state = models.CharField(
        max_length=8, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    tries = models.SmallIntegerField(default=0)
    created = models.DateTimeField()
    since = models.DateTimeField()
    """When the day of attempts began: on creation, or when somebody last asked for it again."""
    next_at = models.DateTimeField(null=True)
    """When it is tried next, or released to another worker; null if it is not tried again."""
    claim = models.UUIDField(null=True)
    """Set by the worker that is sending it; expires at `next_at`."""
    tried = models.DateTimeField(null=True)
    milliseconds = models.IntegerField(null=True)
    status = models.SmallIntegerField(null=True)
    """HTTP status of the last answer."""
    answer = models.TextField(blank=True)
    """The beginning of the last answer, or the error text of the failure."""
    error = models.CharField(max_length=12, choices=Reason.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "change_id"], name="one_delivery_a_change")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["webhook", "next_at", "id"],
                name="delivery_due",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["webhook"],
                name="delivery_under_way",
                condition=models.Q(claim__isnull=False),
            ),
            models.Index(fields=["webhook", "profile_id", "id"], name="delivery_by_profile"),
            models.Index(fields=["webhook", "id"], name="delivery_log"),
            models.Index(
                fields=["webhook", "id"],
                name="delivery_failed",
                condition=models.Q(state="failed"),
            ),
        ]

    def __str__(self) -> str:
        return f"msg_{self.message_id.hex}"
