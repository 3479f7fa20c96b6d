"""The members of segments, and the ledger of who entered and left."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import F, Max, Min

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account
from segments.models.segment import Segment

SEGMENT_BITS = 4
"""The index by person has blocks of 2**4 segments with consecutive ids."""
BLOCK_BITS = 20
"""The ledger's index by person has blocks of 2**20 rows."""


class Membership(models.Model):
    """A person who is in a segment now. Without foreign keys in the database, like events."""

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
            models.Index(fields=["segment", "entered", "profile"], name="membership_by_entered"),
            # By person within each block, so that a new segment writes few pages of the index.
            models.Index(
                F("segment").bitrightshift(SEGMENT_BITS),
                F("profile"),
                include=["segment"],
                name="segments_of_profile_in_blocks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.segment_id}"


class Ledger(models.QuerySet["MembershipChange"]):
    """Rows of the ledger."""

    def of_people(self, account_id: int, profile_ids: Collection[int]) -> Ledger:
        """The rows of some people, by index whatever the ledger's size."""
        ends = MembershipChange.objects.aggregate(first=Min("id"), last=Max("id"))
        if ends["first"] is None:
            return self.none()
        blocks = range(ends["first"] >> BLOCK_BITS, (ends["last"] >> BLOCK_BITS) + 1)
        rows = self.annotate(block=F("id").bitrightshift(BLOCK_BITS))
        return rows.filter(account=account_id, block__in=blocks, profile_id__in=profile_ids)


class MembershipChange(models.Model):
    """The ledger: someone entered or left, why, and since when that was true."""

    objects = Ledger.as_manager()

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
    """The ProfileChange that caused it; null if a whole segment was computed."""
    true_since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "at"], name="ledger_by_segment"),
            # By person within each block, so that new rows write few pages of the index.
            models.Index(
                F("account"),
                F("id").bitrightshift(BLOCK_BITS),
                F("profile_id"),
                name="ledger_by_profile_in_blocks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {'into' if self.entered else 'out of'} {self.segment_id}"
