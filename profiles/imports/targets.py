"""The targets of a file's columns: their names, and the header names that suggest them.

Pure; reads no file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from profiles.imports.layout import Columns
from profiles.imports.source import Unreadable
from profiles.imports.values import DATES, CellType, infer
from profiles.models import IDENTIFIERS, ConsentStatus
from segmenter.kernel.composed_text import composed

PROPERTY = "properties."
ATTRIBUTES = ("first_name", "last_name", "organization", "title", "locale", "image")
PLACES = (
    *("address1", "address2", "city", "region", "country", "zip"),
    *("latitude", "longitude", "timezone"),
)
CONSENTS = {"email": ("email", "marketing"), "sms": ("sms", "marketing")}
"""Channels whose consent a column can contain, and their place in a record."""
CONSENT_WORDS = {value: value.upper() for value in ConsentStatus.values}

PROFILE_TARGETS = (
    *IDENTIFIERS,
    *ATTRIBUTES,
    "created",
    *(f"location.{name}" for name in PLACES),
    *(f"consent.{name}" for name in CONSENTS),
    "list",
)
EVENT_TARGETS = (*IDENTIFIERS, "time", "value", "unique_id", "metric")
TARGETS = {"profiles": PROFILE_TARGETS, "events": EVENT_TARGETS}

_EMAIL = (
    *("email", "emailaddress", "mail", "mailaddress"),
    *("epost", "epostadress", "mejl", "adresemail"),
)
_WHOSE = (
    *("billing", "faktura", "fakturering", "betalare"),
    *("customer", "customers", "client", "kund", "kunds", "kundens", "klient", "klienta"),
    *("contact", "kontakt", "buyer", "order", "account", "user", "member", "subscriber"),
    *("shipping", "delivery", "recipient", "leverans", "mottagare"),
)
"""Words in header names for the owner of an address, the likeliest buyer first."""
_NAMES = {
    "email": " ".join(
        (
            *_EMAIL,
            *(name for who in _WHOSE for mail in _EMAIL for name in (who + mail, mail + who)),
        )
    ),
    "phone_number": "phone phonenumber mobile mobilephone mobilenumber cell telephone tel sms"
    " telefon telefonnummer mobil mobilnummer numertelefonu",
    "external_id": "externalid customer customerid customernumber customerno custid userid memberid"
    " contactid clientid personid householdid kundid kundnummer kundnr klient idklienta id",
    "anonymous_id": "anonymousid visitorid cookieid deviceid",
    "first_name": "firstname givenname forename fornamn imie",
    "last_name": "lastname surname familyname efternamn nazwisko",
    "organization": "organization organisation company companyname foretag firma",
    "title": "title jobtitle titel",
    "locale": "locale",
    "image": "image imageurl avatar",
    "created": "created createdat createddate datecreated dateadded profilecreatedon registered"
    " registeredat signupdate joined joinedat since customersince membersince skapad",
    "location.address1": "address address1 addressline1 street streetaddress adress gatuadress",
    "location.address2": "address2 addressline2",
    "location.city": "city town ort stad postort miasto",
    "location.region": "region state province stateprovince provinceregion stateregion",
    "location.country": "country countrycode land kraj",
    "location.zip": "zip zipcode postalcode postcode zippostalcode postnummer postnr kodpocztowy",
    "location.latitude": "latitude lat",
    "location.longitude": "longitude lon lng long",
    "location.timezone": "timezone tz",
    "time": "time date datetime timestamp eventtime eventdate occurredat orderdate orderedat"
    " purchasedate purchasedat invoicedate transactiondate transactiontimestamp createdat created"
    " datum tid data czas",
    "value": "value amount total ordertotal ordervalue totalprice totalamount revenue sales"
    " salesvalue belopp summa kwota",
    "unique_id": "uniqueid eventid",
}
_ITEM = re.compile("(line)?items?|product|sku$|quantity|qty$|produkt|artikel|antal$|ilosc")
"""Prefixes of header names for the items of an order."""
_EVENT_ONLY = {"time", "value", "unique_id"}
_EVENT_OBVIOUS = {
    name: target
    for target, names in _NAMES.items()
    for name in names.split()
    if target in (*IDENTIFIERS, *_EVENT_ONLY)
}
_PROFILE_OBVIOUS = {
    name: target
    for target, names in _NAMES.items()
    if target not in _EVENT_ONLY
    for name in names.split()
}


class ColumnTarget(NamedTuple):
    """One column and its target."""

    target: str
    """One of TARGETS, or "properties." and a property's name."""
    column: int
    """Its place in the file, from 0."""


class BadTarget(ValueError):
    """A target that does not exist, or a mapping that is incomplete."""


def read_target(kind: str, text: str) -> str:
    """Return a person's input as a valid target. Raises BadTarget."""
    target = text.strip()
    if target.startswith(PROPERTY):
        if not target.removeprefix(PROPERTY).strip():
            raise BadTarget("A property needs a name, as properties.Colour.")
        return composed(target)
    if target not in TARGETS[kind]:
        allowed = ", ".join((*TARGETS[kind], "properties.NAME"))
        raise BadTarget(f"A column cannot become {text!r}. It can become: {allowed}.")
    return target


def map_columns(
    kind: str, columns: Columns, pairs: Iterable[tuple[str, str]]
) -> list[ColumnTarget]:
    """Turn (target, column name) pairs into mapped columns.

    Raises BadTarget for a wrong target, Unreadable for a column that the file does not have.
    """
    mapped: list[ColumnTarget] = []
    for text, name in pairs:
        target = read_target(kind, text)
        if target != "list" and any(target == other.target for other in mapped):
            raise BadTarget(f"{target} is mapped twice.")
        mapped.append(ColumnTarget(target, find_column(columns, name)))
    return mapped


def find_column(columns: Columns, name: str) -> int:
    """Return a column's place. Raises Unreadable naming the columns that there are."""
    spelling = composed(name.strip())
    places = [place for place, column in enumerate(columns) if composed(column) == spelling]
    if len(places) > 1:
        raise Unreadable(f"The header names the column {name!r} {len(places)} times.")
    if not places:
        raise Unreadable(f"There is no column {name!r}. {columns_sentence(columns)}")
    return places[0]


def columns_sentence(columns: Columns) -> str:
    """Return a sentence that lists the columns, with a hint if the header looks like data."""
    names = ", ".join(columns)
    sentence = f"The columns are: {names[:2_000]}."
    if any(infer([name]) in (CellType.NUMBER, *DATES) for name in columns):
        sentence += " If that is a row of data: --no-header --columns A,B,C names them."
    return sentence


def map_by_name(kind: str, columns: Columns) -> list[ColumnTarget]:
    """Map columns by their names; all others become properties of the same name, composed.

    If columns contain an order's items, Id is the order's, not a person's. Columns without a name
    are ignored. Raises Unreadable if two have the same name.
    """
    obvious = dict(_EVENT_OBVIOUS if kind == "events" else _PROFILE_OBVIOUS)
    if any(map(_ITEM.match, map(_plain, columns))):
        del obvious["id"]
    place_of: dict[str, int] = {}
    for target in dict.fromkeys(obvious.values()):
        ranks = [name for name, its in obvious.items() if its == target]
        fitting = [
            (ranks.index(_plain(column)), place)
            for place, column in enumerate(columns)
            if obvious.get(_plain(column)) == target and place not in place_of.values()
        ]
        if fitting:
            place_of[target] = min(fitting)[1]
    targets = {place: target for target, place in place_of.items()}
    mapped = [
        ColumnTarget(targets.get(place, PROPERTY + composed(column)), place)
        for place, column in enumerate(columns)
        if column
    ]
    for each in mapped:
        find_column(columns, columns[each.column])
    return mapped


def check_mapping(
    kind: str, mapped: Sequence[ColumnTarget], columns: Columns, *, metric: str | None
) -> None:
    """Check that the mapping is complete. Raises BadTarget with what is missing."""
    targets = {each.target for each in mapped}
    if not targets & set(IDENTIFIERS):
        known = ", ".join(IDENTIFIERS)
        raise BadTarget(
            f"No column says who it is about: map one of {known}. {columns_sentence(columns)}"
        )
    if kind == "events":
        if "time" not in targets:
            raise BadTarget(
                f"No column says when it happened: map time. {columns_sentence(columns)}"
            )
        if not metric and "metric" not in targets:
            raise BadTarget("The events need the name of a metric, as Placed Order.")


def _plain(name: str) -> str:
    """A header name without case, accents and punctuation: "E-post adress" is epostadress."""
    decomposed = unicodedata.normalize("NFKD", name.replace("ł", "l")).casefold()
    return re.sub(r"[^a-z0-9]", "", decomposed)
