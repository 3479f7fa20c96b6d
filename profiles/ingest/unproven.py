"""What a record may change that nobody vouches for: a visitor typed it, or a page sent it.

Anybody can type the address of somebody else. Such a record never gives, takes or replaces an
identifier of a person who is known: one with an external id, an e-mail address or a phone number.
It may make a person, and it may make a device that was seen before a known person (docs/adr/0033).
"""

from __future__ import annotations

from profiles.ingest.identifier_index import IdentifierIndex
from profiles.ingest.parse import ProfileRecord
from profiles.models import IDENTIFIERS

STRONG = IDENTIFIERS[:-1]
"""All but the device's id."""


def harmless(index: IdentifierIndex, record: ProfileRecord) -> ProfileRecord:
    """Return the record with only those identifiers that change nobody who is known.

    An `id` means that the person is proven. It counts unless the record names another external id,
    address or number than theirs; then it is dropped, since somebody else fills in the form. Of a
    proven person, identifiers that they lack and nobody has stay in it.
    """
    values = {name: value for name, value in record.identifiers.items() if value is not None}
    if not values:
        return record
    if record.id is not None:
        proven = index.person(record.id)
        if proven is not None and _fits(index, proven, values, STRONG):
            free: dict[str, str | None] = {
                name: value
                for name, value in values.items()
                if name not in STRONG or index.owner[name].get(value, proven) == proven
            }
            return record._replace(id=proven, identifiers=free)
    person = _known_person(index, values)
    if person is None:
        identifiers: dict[str, str | None] = {
            name: value
            for name, value in values.items()
            if not _is_known(index, index.owner[name].get(value))
        }
    else:
        identifiers = {name: v for name, v in values.items() if index.people[person][name] == v}
    return record._replace(id=None, identifiers=identifiers)


def _known_person(index: IdentifierIndex, values: dict[str, str]) -> int | None:
    """The known person whom a record means; None if it means somebody new, or only a device.

    An address that nobody has means somebody new, also beside somebody's phone number.
    """
    for place, name in enumerate(STRONG):
        value = values.get(name)
        owner = None if value is None else index.owner[name].get(value)
        if owner is not None and _fits(index, owner, values, STRONG[:place]):
            return owner
        if name == "email" and value is not None:
            return None
    if values.keys() & set(STRONG):
        return None
    return index.owner["anonymous_id"].get(values.get("anonymous_id", ""))


def _fits(
    index: IdentifierIndex, person: int, values: dict[str, str], names: tuple[str, ...]
) -> bool:
    """Whether a person has no other value than these for some identifiers."""
    identifiers = index.people[person]
    return all(identifiers[n] in (None, values[n]) for n in names if n in values)


def _is_known(index: IdentifierIndex, person: int | None) -> bool:
    """Whether it is a person of whom more than a device is known."""
    return person is not None and any(index.people[person][name] for name in STRONG)
