"""A filter of the API as a condition on profiles."""

from __future__ import annotations

from django.db.models import Q

from profiles.ingest.identifiers import plain_address
from segmenter.kernel.filter_fields import FilterField, text, texts, time
from segmenter.kernel.filtering import Clause


def person_id(column: str) -> FilterField:
    """`equals` and `any` with ids of people; what cannot be an id is nobody's."""

    def condition(clause: Clause) -> Q:
        ids = [value.strip() for value in texts(clause)]
        numbers = [int(id_) for id_ in ids if id_.isascii() and id_.isdecimal() and len(id_) <= 18]
        return Q(**{f"{column}__in": numbers})

    return condition


def phone_number(value: str) -> str:
    """Return a phone number whose plus sign arrived as a space with its plus sign."""
    return "+" + value.strip() if value.startswith(" ") else value.strip()


FIELDS: dict[str, FilterField] = {
    "id": person_id("pk"),
    "email": text("email", plain_address),
    "phone_number": text("phone_number", phone_number),
    "external_id": text("external_id", str.strip),
    "anonymous_id": text("anonymous_id", str.strip),
    "created": time("created"),
    "updated": time("updated"),
}
