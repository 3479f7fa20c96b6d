"""Whose record a page sends: of the proven visitor, or of whom it names without any proof.

Through these addresses no identifier of somebody known ever changes (docs/adr/0033).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from forms_targeting.client.names import PageProfile
from forms_targeting.engine.visitors import visitor_id
from forms_targeting.models import Site
from profiles.ingest.parse import ProfileRecord, read_profile
from profiles.models import IDENTIFIERS, Profile
from segmenter.kernel.errors import Invalid

_STRONG = IDENTIFIERS[:-1]


def profile_record(site: Site, person: PageProfile, pointer: str, *, at: datetime) -> ProfileRecord:
    """Return the record to store for a person. Raises Invalid at the person's place.

    Of a proven visitor it has their id, and no identifier but the device's, which is theirs now;
    unless it names somebody else.
    """
    proven = visitor_id(site, token=person.token, signed="", at=at)
    if proven is not None and _names_the_same(person.record, proven):
        others = {n: v for n, v in person.record.items() if n not in _STRONG}
        return _read({**others, "id": proven}, pointer)
    return _read(person.record, pointer)


def exchange_id(site: Site, person: PageProfile, *, at: datetime) -> str | None:
    """Return the visitor token to answer with: the one that came, if it is valid.

    None for everybody else: whoever only types an address gets no proof of being that person.
    """
    proven = visitor_id(site, token=person.token, signed="", at=at)
    return person.token if proven is not None else None


def _names_the_same(record: dict[str, Any], profile_id: int) -> bool:
    names = [name for name in _STRONG if record.get(name)]
    if not names:
        return True
    try:
        identifiers = read_profile({name: record[name] for name in names}).identifiers
    except Invalid:
        return False
    profile = Profile.objects.filter(pk=profile_id).values(*_STRONG).first()
    return profile is not None and all(
        profile[name] in (None, value) for name, value in identifiers.items()
    )


def _read(record: dict[str, Any], pointer: str) -> ProfileRecord:
    try:
        return read_profile(record)
    except Invalid as error:
        raise Invalid(*(problem.under(pointer) for problem in error.problems)) from None
