"""What an ad network wants: a file of `networks/` registers each, and they are found there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from segmenter.kernel.registry import Registry
from segments.audiences.customer import Customer
from segments.audiences.normal_forms import sha256


@dataclass(frozen=True)
class Identity:
    """The hashes by which a network knows a person; "" for none."""

    email: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return bool(self.email or self.phone)


@dataclass(frozen=True)
class FileColumn:
    """A column of a network's file: its header, and its cell for a customer."""

    header: str
    cell: Callable[[Customer], str]


@dataclass(frozen=True)
class Network:
    """A network with its rules."""

    label: str
    list_name: str | Promise
    """What the network calls such an audience."""
    rank: int
    """Its place in lists: smaller is higher."""
    minimum: int
    """Matched people below which the network does not show ads."""
    columns: tuple[FileColumn, ...]
    """Those besides the address and number, in the template's order."""
    email_header: str
    email: Callable[[str], str]
    """The network's normal form of an e-mail address."""
    phone_header: str = ""
    """Empty: it takes no phone numbers."""
    phone: Callable[[str, str], str] = lambda text, country: ""
    """The network's normal form of a phone number in a country (alpha-2 or empty)."""
    removal_has_all_columns: bool = False
    """Whether its template may not be shortened: then the others are empty in removals."""
    note: str | Promise = ""
    """What a marketer should know before uploading."""

    @property
    def header(self) -> tuple[str, ...]:
        return self._identifiers + tuple(column.header for column in self.columns)

    @property
    def removal_header(self) -> tuple[str, ...]:
        return self.header if self.removal_has_all_columns else self._identifiers

    @property
    def _identifiers(self) -> tuple[str, ...]:
        return tuple(name for name in (self.email_header, self.phone_header) if name)

    def identity(self, customer: Customer) -> Identity:
        """Return the hashes of a customer's address and number."""
        number = self.phone(customer.phone, customer.country) if customer.phone else ""
        return Identity(sha256(self.email(customer.email)), sha256(number))

    def row(self, customer: Customer, identity: Identity) -> tuple[str, ...]:
        """Return the cells of a customer with this identity, in the order of `header`."""
        return self._cells(identity) + tuple(column.cell(customer) for column in self.columns)

    def removal_row(self, identity: Identity) -> tuple[str, ...]:
        """Return the cells by which the network finds a person to be removed."""
        row = self._cells(identity)
        return row + ("",) * (len(self.removal_header) - len(row))

    def _cells(self, identity: Identity) -> tuple[str, ...]:
        return (identity.email, identity.phone) if self.phone_header else (identity.email,)


networks: Registry[Network] = Registry("ad network")


def networks_by_rank() -> list[tuple[str, Network]]:
    """Return the names and rules of all networks in the order in which people see them."""
    return sorted(networks.items(), key=lambda item: item[1].rank)
