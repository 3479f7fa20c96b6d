"""What a list elsewhere must be able to do to be kept equal to a segment; a file of `kinds/`
registers each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from django.utils.functional import Promise

from segmenter.kernel.registry import Registry
from segments.engine.remote_call import ApiField


class KeyKind(Enum):
    """By what a destination knows a person."""

    EMAIL = "email"
    """By the e-mail address in small letters. People without one are left out."""
    PROFILE = "profile"
    """By the id of the profile here."""


@dataclass(frozen=True)
class Contact:
    """A member of a segment as a destination is given them."""

    key: str
    """Who this is at the destination, see KeyKind."""
    profile_key: str
    """The id of the profile here."""
    email: str | None = None
    phone_number: str | None = None
    external_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    has_consent: bool = False
    """Whether they subscribed to e-mail here, and can receive it. Without it nobody is subscribed
    elsewhere."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The chosen columns: their names to JSON values, None where there is nothing."""


@dataclass(frozen=True)
class Outcome:
    """What a destination says of the people of one request. Who is not named was taken."""

    refusals: Mapping[str, str] = field(default_factory=dict)
    """Key to the receiver's words."""


@dataclass(frozen=True)
class DestinationAccess:
    """What a kind needs to know of one destination."""

    settings: Mapping[str, str]
    """The values of its fields that are not secret."""
    secrets: Mapping[str, str]
    account_id: int
    destination_id: int | None = None
    """None while it is checked whether there can be one."""


class ListDestination(Protocol):
    """A list elsewhere. All methods may raise TryAgain or NeedsAttention of `engine.remote_call`.

    Who is a member is worked out by `destinations.delta`. A kind is given batches, and each may be
    given again, since a worker can be killed before it could note that it was taken.
    """

    @property
    def label(self) -> str | Promise: ...
    @property
    def text(self) -> str | Promise:
        """One sentence about what is kept there."""

    @property
    def rank(self) -> int:
        """Smaller is higher on the page."""

    @property
    def key_kind(self) -> KeyKind: ...
    @property
    def batch(self) -> int:
        """The most people of one request."""

    @property
    def fields(self) -> tuple[ApiField, ...]:
        """What a person has to enter."""

    @property
    def takes_columns(self) -> bool:
        """Whether people choose columns, which come as `Contact.fields`."""

    def check(self, access: DestinationAccess) -> str:
        """Return the name of the list there, if it can be written to with these settings."""

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        """Add people, or update who is there. Doing it twice is the same as once."""

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        """Take people out. Somebody who is not there is no error."""

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]] | None:
        """Yield the keys of everybody who is there now, page by page; None if it cannot tell."""


list_destinations: Registry[ListDestination] = Registry("list destination")

Preparation = Callable[[DestinationAccess], Mapping[str, str]]
preparations: Registry[Preparation] = Registry("preparation of a list destination")
"""By the name of a kind: makes what is written to, when a destination is made, and returns the
settings that are kept. Such a place cannot be changed for another one later."""
