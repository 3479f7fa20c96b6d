"""A visit of a page: what the page tells, and who the visitor is if that is proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

UTM_PARAMETERS = ("source", "medium", "campaign", "term", "content")


@dataclass(frozen=True)
class Person:
    """A visitor whose identity is proven by a token, and what rules may ask about them."""

    profile_id: int
    segments: frozenset[str]
    """Keys of the segments with the person, of those that the site's live forms ask about."""
    lists: frozenset[str]
    """Keys of the lists with the person, of those that the live forms ask about."""
    subscribed: frozenset[str]
    """Channels to whose messages the person has agreed."""


@dataclass(frozen=True)
class CartItem:
    """One line of the cart that the page tells."""

    id: str
    name: str
    quantity: float
    value: float


@dataclass(frozen=True)
class Visit:
    """One page that a visitor looks at. Everything but `person` is what the browser says."""

    url: str = ""
    referrer: str = ""
    language: str = ""
    """Most wanted language, such as "sv-SE"."""
    languages: tuple[str, ...] = ()
    device: str = "desktop"
    country: str = ""
    """Code (ISO 3166-1) from the hosting proxy's header; empty if unknown."""
    utm: Mapping[str, str] = field(default_factory=dict)
    """{source, medium, campaign, term, content} of the visit's first page."""
    cart_value: float | None = None
    cart_items: tuple[CartItem, ...] = ()
    person: Person | None = None
    """None for everybody who is not proven: an unknown visitor."""
