"""Creates, updates or upserts one person, for the API. Writes through `store`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from profiles.ingest import resolve
from profiles.ingest.parse import ProfileRecord, read_profile
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem

Record = Mapping[str, Any] | ProfileRecord
"""A person in the exchange format, parsed or not."""


class DuplicateProfile(Conflict):
    """An identifier belongs to another profile, whose id is `profile_id`."""

    def __init__(self, problem: Problem, profile_id: int) -> None:
        super().__init__(problem)
        self.profile_id = profile_id


def upsert_profile(*, account: Account, record: Record, at: datetime) -> tuple[Profile, bool]:
    """Create or update the person of a record and return them, and whether they are new.

    Raises Invalid with pointers into the record, NotFound for an unknown id, DuplicateProfile if
    the identifiers belong to two people.
    """
    outcome = ingest_profiles(account=account, records=[record], at=at, refuse_contested=True)
    for rejection in outcome.rejected:
        if rejection.problem.code == "not_found":
            raise NotFound("The profile")
        if rejection.problem.code == "duplicate_profile":
            raise _duplicate(account, record, rejection.problem)
        raise Invalid(rejection.problem)
    (profile_id,) = outcome.profile_ids
    assert profile_id is not None  # not rejected, so it is stored
    return resolve.find(account, profile_id), profile_id in outcome.created


def create_profile(*, account: Account, record: Record, at: datetime) -> Profile:
    """Create a person and return them. Raises Invalid, or DuplicateProfile if they exist."""
    person = read_profile(record)
    with transaction.atomic():
        # The lock is held until the commit: nobody else creates this person in between.
        resolution = resolve.resolve(account.pk, [person], own=True)
        (profile_id,) = resolution.ids
        if not resolution.new and isinstance(profile_id, int):
            raise DuplicateProfile(_exists(), profile_id)
        profile, created = upsert_profile(account=account, record=record, at=at)
        if not created:
            raise DuplicateProfile(_exists(), profile.pk)
    return profile


def update_profile(
    *, account: Account, profile_id: str, record: ProfileRecord, at: datetime
) -> Profile:
    """Update a person and return them. Raises Invalid, NotFound or DuplicateProfile."""
    present = resolve.find(account, profile_id)
    profile, _created = upsert_profile(
        account=account, record=record._replace(id=present.pk), at=at
    )
    return profile


def _exists() -> Problem:
    message = "A profile already exists with one of these identifiers."
    return Problem("", "duplicate_profile", message)


def _duplicate(account: Account, record: Record, problem: Problem) -> Exception:
    """The conflict with the owner of the identifier that the problem points to."""
    name = problem.pointer.removeprefix("/")
    value = read_profile(record).identifiers.get(name)
    owner = Profile.objects.filter(account=account, **{name: value}).first() if value else None
    if owner is None:
        return Conflict(Problem(problem.pointer, problem.code, _exists().message))
    return DuplicateProfile(Problem(problem.pointer, problem.code, _exists().message), owner.pk)
