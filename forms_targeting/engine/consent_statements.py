"""What a person states about messages on a channel: the consent, and the proof of it.

Both are written in one transaction. A proof is only added and never changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from forms_targeting.engine.circumstances import Circumstances
from forms_targeting.models import ConsentProof, FormVersion, ProofSource
from profiles.consent_words import ConsentStatus
from profiles.ingest.subscriptions import ConsentRecord
from segmenter.accounts.models import Account

REPEATED = timedelta(minutes=30)
"""The steps of one form state a consent again: within this time it is the same statement."""


def consent_record(
    channel: str,
    status: ConsentStatus,
    *,
    method: str,
    detail: str | None = None,
    is_double_opt_in: bool | None = None,
    dated: datetime | None = None,
) -> ConsentRecord:
    """Return the consent as ingest takes it; `dated` None: of the moment it is stored."""
    return ConsentRecord(
        channel=channel,
        status=status.value,
        status_date=dated,
        method=method,
        method_detail=detail,
        custom_source=None,
        is_double_opt_in=is_double_opt_in,
        is_rcs_capable=None,
        reachability=None,
    )


def add_proof(
    *,
    account: Account,
    profile_id: int,
    channel: str,
    status: ConsentStatus,
    source: ProofSource,
    version: FormVersion | None,
    wording: str,
    circumstances: Circumstances,
    at: datetime,
) -> None:
    """Keep a statement with its circumstances, unless the form's step before stated the same."""
    proofs = ConsentProof.objects.filter(account=account, profile_id=profile_id, channel=channel)
    last = proofs.order_by("-at", "-pk").first()
    if (
        last is not None
        and version is not None
        and abs(at - last.at) < REPEATED
        and (last.version_id, last.wording, last.status, last.source)
        == (version.pk, wording, status.value, source.value)
    ):
        return
    ConsentProof.objects.create(
        account=account,
        profile_id=profile_id,
        channel=channel,
        status=status,
        source=source,
        version=version,
        wording=wording,
        language=circumstances.language,
        page=circumstances.page,
        address=circumstances.address,
        user_agent=circumstances.user_agent,
        at=at,
    )
