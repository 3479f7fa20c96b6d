"""Lifts suppressions. Other modules of ingest write them with records."""

from __future__ import annotations

from datetime import datetime

from profiles import changes, facts
from profiles.models import Cause, Suppression, SuppressionReason


def lift_unsubscribe(
    account_id: int, profile_id: int, channel: str, *, before: datetime, at: datetime
) -> bool:
    """Delete the suppression of an unsubscription older than a new consent; in its transaction.

    Bounces, complaints and suppressions by hand stay: no form can know better. Returns whether
    there was one.
    """
    count, _by_model = Suppression.objects.filter(
        account_id=account_id,
        profile_id=profile_id,
        channel=channel,
        reason=SuppressionReason.UNSUBSCRIBE,
        date__lte=before,
    ).delete()
    if count:
        fact = facts.consent(channel)
        changes.record(account_id, {profile_id: {fact}}, cause=Cause.CONSENT, at=at)
    return count > 0
