"""What the API of an ad network must be able to do; a file of `apis/` registers each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from segmenter.kernel.registry import Registry
from segments.audiences.customer import Customer
from segments.audiences.network import Identity
from segments.engine.remote_call import ApiField

BATCH = 10_000
"""People in one request: the most that Meta and Google take."""


@dataclass(frozen=True)
class SendReport:
    """What a network says of the people it was sent."""

    invalid: int = 0
    samples: tuple[str, ...] = ()
    open_request: str = ""
    """By which its outcome can be asked later; empty if it is known already."""


@dataclass(frozen=True)
class Session:
    """Several requests that belong together: their number, which one this is, is it the last."""

    number: int
    place: int
    is_last: bool
    people: int


@dataclass(frozen=True)
class Access:
    """What an API needs to know of one connection."""

    target: Mapping[str, str]
    credentials: Mapping[str, str]
    has_consent: bool
    """Whether everybody in the audience said yes."""


class AudienceApi(Protocol):
    """The API of a network. All methods may raise TryAgain or NeedsAttention."""

    @property
    def fields(self) -> tuple[ApiField, ...]: ...

    def check(self, access: Access) -> None:
        """Find out whether the audience can be changed with these credentials."""

    def document(self, customer: Customer, identity: Identity) -> Any:
        """What is sent of somebody to be added, as JSON."""

    def removal(self, identity: Identity) -> Any:
        """What is sent of somebody to be removed, as JSON."""

    def send(
        self, access: Access, documents: Sequence[Any], *, is_removal: bool, session: Session
    ) -> SendReport:
        """Add people to the audience, or remove them."""

    def outcome(self, access: Access, open_request: str) -> SendReport | None:
        """What came of a request; None while the network is at work."""


apis: Registry[AudienceApi] = Registry("API of an ad network")
