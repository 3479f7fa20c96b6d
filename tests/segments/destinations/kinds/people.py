"""Contacts for the tests of kinds."""

from __future__ import annotations

from typing import Any

from segments.destinations.kind import Contact


def contact(email: str, **values: Any) -> Contact:
    """Somebody with consent, by their e-mail address; other arguments are names and columns."""
    names = {name: values.pop(name, None) for name in ("first_name", "last_name")}
    has_consent = values.pop("has_consent", True)
    return Contact(
        key=email,
        profile_key=email,
        email=email,
        has_consent=has_consent,
        fields=values,
        **names,
    )


def contacts(count: int) -> list[Contact]:
    return [contact(f"person{number}@shop.example") for number in range(count)]
