"""A segment with people for the tests of audiences."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from typing import Any

from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.audiences.files import make_file, read_lines, request_file
from segments.models import (
    AudienceFile,
    AudienceFileKind,
    AudienceFileState,
    Membership,
    Segment,
    SegmentStatus,
)
from tests.fixtures.cast import AT

EVERYONE, ADDITIONS, REMOVALS = AudienceFileKind


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def new_segment(account: Account, name: str = "Buyers") -> Segment:
    return Segment.objects.create(
        account=account,
        name=name,
        definition={},
        status=SegmentStatus.READY,
        as_of=AT,
        created=AT,
        updated=AT,
    )


def consents(**channels: str) -> dict[str, Any]:
    """Consent by channel: `consents(email="SUBSCRIBED")`."""
    return {
        "subscriptions": {
            channel: {"marketing": {"consent": status, "consent_timestamp": "2026-01-02T10:00:00Z"}}
            for channel, status in channels.items()
        }
    }


def suppressed(channel: str = "email", at: str = "2026-02-01T00:00:00Z") -> dict[str, Any]:
    reason = [{"reason": "HARD_BOUNCE", "timestamp": at}]
    consent = {"consent": "SUBSCRIBED", "consent_timestamp": "2026-01-02T10:00:00Z"}
    return {"subscriptions": {channel: {"marketing": {**consent, "suppression": reason}}}}


def let_in(segment: Segment, *records: dict[str, Any]) -> list[Profile]:
    """People with these records, members of the segment. Without consents: subscribed to e-mail."""
    whole = [{**consents(email="SUBSCRIBED"), **record} for record in records]
    outcome = ingest_profiles(account=segment.account, records=whole, at=AT)
    assert not outcome.rejected
    people = [Profile.objects.get(pk=pk) for pk in outcome.profile_ids if pk]
    enter(segment, people)
    return people


def enter(segment: Segment, people: Iterable[Profile]) -> None:
    Membership.objects.bulk_create(
        Membership(account=segment.account, segment=segment, profile=person, entered=AT)
        for person in people
    )


def leave(segment: Segment, *people: Profile) -> None:
    Membership.objects.filter(segment=segment, profile__in=people).delete()


def make(
    segment: Segment, network: str, kind: AudienceFileKind = EVERYONE, *, unasked: bool = False
) -> AudienceFile:
    """A file, made."""
    file = request_file(
        segment=segment, network=network, kind=kind, includes_unasked=unasked, user=None, at=AT
    )
    make_file(file.pk, AT)  # where transactions are committed, it was made at once
    file.refresh_from_db()
    assert file.state == AudienceFileState.READY
    return file


def rows(file: AudienceFile) -> list[dict[str, str]]:
    text = b"".join(read_lines(file)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def hashes(file: AudienceFile) -> set[str]:
    """All cells of a file that say something."""
    return {cell for row in rows(file) for cell in row.values() if cell}
