"""Who is in a segment now, and the ledger of who entered and left."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account
from segments.models.segment import Segment


class Membership(models.Model):
    """A person who is in a segment now. No foreign keys in the database, as with events."""

    pk = models.CompositePrimaryKey("segment", "profile")
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    entered = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # The segment too, so that the table itself need not be read to say who is in what.
            models.Index(
                fields=["account", "profile"], include=["segment"], name="segments_of_profile"
            ),
            models.Index(fields=["segment", "entered", "profile"], name="membership_by_entered"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.segment_id}"


class MembershipChange(models.Model):
    """The ledger: someone entered or left, why, and since when that was true."""

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    profile_id = models.BigIntegerField()
    entered = models.BooleanField()
    """True for entering, False for leaving."""
    cause = models.CharField(max_length=12, choices=Cause.choices)
    change_id = models.BigIntegerField(null=True)
    """The ProfileChange that it follows from; null where a whole segment was worked out anew."""
    true_since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "at"], name="ledger_by_segment"),
            models.Index(fields=["account", "profile_id", "at"], name="ledger_by_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {'into' if self.entered else 'out of'} {self.segment_id}"
