"""The shop's arrays as typed Arrow tables (for the peers) and as JSON (for Segmenter's rows)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bench.large_shop import catalogue
from bench.large_shop.draw import EventArrays, PeopleArrays

INSTANT = pa.timestamp("us", "UTC")
_NO_BIRTHDAY = np.iinfo(np.int32).min


def event_table(events: EventArrays, first_id: int) -> pa.Table:
    """Typed columns of events whose ids begin at `first_id`; profile ids begin at 1."""
    n = len(events)
    counts = np.where(events.metrics >= catalogue.CHECKOUT, 1 + (events.others >= 0), 0)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    both = np.column_stack([events.items, events.others])[events.metrics >= catalogue.CHECKOUT]
    listed = both.ravel()[both.ravel() >= 0].astype(np.int32)
    items = pa.ListArray.from_arrays(
        pa.array(offsets), _pointed(listed, catalogue.ITEMS), mask=pa.array(counts == 0)
    )
    one = (events.items >= 0) & (events.metrics < catalogue.CHECKOUT)
    item = np.where(one, events.items, -1)
    return pa.table(
        {
            "id": np.arange(first_id, first_id + n),
            "profile_id": events.profiles + np.int32(1),
            "metric": _pointed(events.metrics, catalogue.METRICS),
            "time": pa.array(events.times, INSTANT),
            "received": pa.array(events.received, INSTANT),
            "value": pa.array(events.values, from_pandas=True),
            "item": _pointed(item, catalogue.ITEMS),
            "category": _pointed(item, catalogue.CATEGORIES),
            "price": pa.array(np.append(catalogue.PRICES, np.nan)[item], from_pandas=True),
            "quantity": _unless_zero(events.quantities * one),
            "seconds": _unless_zero(events.seconds),
            "items": items,
            "item_count": _unless_zero(counts.astype(np.int16)),
            "campaign": _pointed(events.campaigns, campaigns()),
            "search_term": _pointed(events.terms, catalogue.TERMS),
            "discount_code": _pointed(events.codes, catalogue.CODES),
        }
    )


def event_json(events: EventArrays) -> pa.Array:
    """The properties of events as JSON texts."""
    m, none = events.metrics, pa.nulls(len(events), pa.string())
    fragments: list[tuple[Any, Any]] = [
        (
            m == catalogue.VIEWED,
            _concatenated_text(
                _picked(_item_fragments(), events.items),
                pc.cast(pa.array(events.seconds), pa.string()),
                "}",
            ),
        ),
        (
            (m == catalogue.RECEIVED) | (m == catalogue.OPENED),
            _picked(_campaign_json(False), events.campaigns),
        ),
        (m == catalogue.CLICKED, _picked(_campaign_json(True), events.campaigns)),
        (m == catalogue.SEARCHED, _picked(_term_json(), events.terms)),
    ]
    result = none
    for where, texts in fragments:
        result = pc.if_else(pa.array(where), texts, result)
    rest = np.isin(m, (catalogue.CART, catalogue.CHECKOUT, catalogue.ORDERED))
    return pc.replace_with_mask(result, pa.array(rest), _bought(events.take(np.flatnonzero(rest))))


def _bought(events: EventArrays) -> pa.Array:
    """JSON of what was put into a cart, or is in a checkout or an order."""
    quantities = pc.cast(pa.array(events.quantities), pa.string())
    cart = _concatenated_text(_picked(_cart_fragments(), events.items), quantities, "}")
    code = _picked([f', "Discount code": "{code}"' for code in catalogue.CODES], events.codes)
    count = pc.cast(pa.array((1 + (events.others >= 0)).astype(np.int16)), pa.string())
    names = [json.dumps(item) for item in catalogue.ITEMS]
    whole = _concatenated_text(
        '{"Items": [',
        _picked(names, events.items),
        pc.fill_null(_picked([f", {name}" for name in names], events.others), ""),
        '], "Item count": ',
        count,
        pc.fill_null(code, ""),
        "}",
    )
    return pc.if_else(pa.array(events.metrics == catalogue.CART), cart, whole)


def people_table(
    people: PeopleArrays, first_active: npt.NDArray[np.int64], last_active: npt.NDArray[np.int64]
) -> pa.Table:
    """Typed columns of people; `first_active` and `last_active` int64[n] are 0 without events."""
    n = len(people)
    numbers = pc.cast(pa.array(np.arange(people.first + 1, people.first + n + 1)), pa.string())
    towns = catalogue.places()
    first_name = _pointed(people.first_names, catalogue.FIRST_NAMES)
    last_name = _pointed(people.last_names, catalogue.LAST_NAMES)
    email = _concatenated_text(
        pc.utf8_lower(pc.fill_null(pc.cast(first_name, pa.string()), "hello")),
        ".",
        pc.utf8_lower(pc.fill_null(pc.cast(last_name, pa.string()), "info")),
        numbers,
        "@",
        _picked(catalogue.DOMAINS, people.domains),
    )
    phone = _concatenated_text("+4670", pc.utf8_lpad(numbers, 8, "0"))
    active = {"first_active": first_active, "last_active": last_active}
    bits = (people.topics[:, None].astype(np.int16) >> np.arange(len(catalogue.TOPICS))) & 1
    bits[people.topics < 0] = 0
    topics = pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], np.cumsum(bits.sum(axis=1))]).astype(np.int32)),
        _pointed(np.nonzero(bits)[1], catalogue.TOPICS),
        mask=pa.array(people.topics < 0),
    )
    birthdays = pa.array(people.birthdays, mask=people.birthdays == _NO_BIRTHDAY)
    degrees = {
        "latitude": np.append(towns.latitudes, np.nan)[people.places],
        "longitude": np.append(towns.longitudes, np.nan)[people.places],
    }
    return pa.table(
        {
            "id": np.arange(people.first + 1, people.first + n + 1),
            "email": email,
            "phone_number": pc.if_else(pa.array(people.has_phone), phone, None),
            "external_id": _concatenated_text("customer-", numbers),
            "first_name": first_name,
            "last_name": last_name,
            "city": _pointed(people.places, towns.cities),
            "region": _pointed(people.places, towns.regions),
            "country": _pointed(people.places, towns.countries),
            **{name: pa.array(value, from_pandas=True) for name, value in degrees.items()},
            "points": people.points,
            "favourite_colour": _pointed(people.colours, catalogue.COLOURS),
            "size": _pointed(people.sizes, catalogue.SIZES),
            "is_vip": pa.array(people.is_vip, mask=~people.is_vip),
            "birthday": pc.cast(birthdays, pa.date32()),
            "topics": topics,
            "created": pa.array(people.created, INSTANT),
            **{name: pa.array(at, INSTANT, mask=at == 0) for name, at in active.items()},
            "email_status": _pointed(people.email, ("unsubscribed", "subscribed")),
            "sms_status": _pointed(people.sms, ("unsubscribed", "subscribed")),
        }
    )


def people_json(table: pa.Table) -> pa.Array:
    """The custom properties of people as JSON texts, from their typed columns."""

    def member(name: str, column: str, quote: str = '"') -> pa.Array:
        value = pc.cast(table[column].combine_chunks(), pa.string())
        return pc.fill_null(_concatenated_text(f', "{name}": {quote}', value, quote), "")

    flat = table["topics"].combine_chunks()
    topics = pa.ListArray.from_arrays(
        flat.offsets, pc.cast(flat.flatten(), pa.string()), mask=flat.is_null()
    )
    listed = pc.binary_join(topics, '", "')
    listed = pc.if_else(pc.equal(listed, ""), "[]", _concatenated_text('["', listed, '"]'))
    return _concatenated_text(
        '{"Loyalty points": ',
        pc.cast(table["points"].combine_chunks(), pa.string()),
        member("Favourite colour", "favourite_colour"),
        member("Size", "size"),
        member("VIP", "is_vip", ""),
        member("Birthday", "birthday"),
        pc.fill_null(_concatenated_text(', "Topics": ', listed), ""),
        "}",
    )


def consent_table(people: PeopleArrays) -> pa.Table:
    """Consents, one row for each person and channel with a statement."""
    parts = []
    for channel, states in (("email", people.email), ("sms", people.sms)):
        rows = np.flatnonzero(states >= 0)
        dates = pa.array(people.said[rows], INSTANT)
        opted = pa.array(people.double_opt_in[rows], mask=np.full(len(rows), channel != "email"))
        parts.append(
            pa.table(
                {
                    "profile_id": people.first + 1 + rows,
                    "channel": pa.repeat(channel, len(rows)),
                    "status": pc.cast(
                        _pointed(states[rows], ("unsubscribed", "subscribed")), pa.string()
                    ),
                    "status_date": dates,
                    "recorded": dates,
                    "method": pc.cast(
                        _pointed(people.methods[rows], catalogue.METHODS), pa.string()
                    ),
                    "is_double_opt_in": opted,
                }
            )
        )
    return pa.concat_tables(parts)


def suppression_table(people: PeopleArrays) -> pa.Table:
    """Why people may not be written to by e-mail."""
    rows = np.flatnonzero(people.suppressed >= 0)
    reasons = _pointed(people.suppressed[rows], catalogue.REASONS)
    return pa.table(
        {
            "profile_id": people.first + 1 + rows,
            "channel": pa.repeat("email", len(rows)),
            "reason": pc.cast(reasons, pa.string()),
            "date": pa.array(people.said[rows], INSTANT),
        }
    )


def member_table(people: PeopleArrays) -> pa.Table:
    """Who is on which list; `list` is its number in the catalogue."""
    rows, lists = np.nonzero(people.lists)
    return pa.table(
        {
            "list": lists,
            "profile_id": people.first + 1 + rows,
            "joined": pa.array(people.joined[rows], INSTANT),
        }
    )


@cache
def campaigns() -> tuple[str, ...]:
    """The names of all mailings."""
    return tuple(catalogue.campaign_name(number) for number in range(400))


def _pointed(codes: Any, values: Sequence[str | None]) -> pa.DictionaryArray:
    """Numbers into values as a dictionary array; a negative number is null."""
    codes = np.asarray(codes).astype(np.int16)
    indices = pa.array(codes, mask=codes < 0)
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    if len(distinct) < len(values):
        places = np.array([distinct.index(v) if v is not None else -1 for v in values] + [-1])
        codes = places[codes].astype(np.int16)
        indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(distinct, pa.string()))


def _picked(values: Sequence[str], codes: Any) -> pa.Array:
    codes = np.asarray(codes).astype(np.int32)
    return pa.array(values, pa.string()).take(pa.array(codes, mask=codes < 0))


def _concatenated_text(*parts: Any) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _unless_zero(numbers: npt.NDArray[np.int16]) -> pa.Array:
    return pa.array(numbers, mask=numbers == 0)


@cache
def _item_fragments() -> list[str]:
    return [f'{start}, "Seconds": ' for start in _items()]


@cache
def _cart_fragments() -> list[str]:
    return [f'{start}, "Quantity": ' for start in _items()]


@cache
def _items() -> list[str]:
    return [
        f'{{"Item": "{item}", "Category": "{category}", "Price": {price!r},'
        f' "URL": "https://shop.example/{item.lower().replace(" ", "-")}"'
        for item, category, price in zip(
            catalogue.ITEMS, catalogue.CATEGORIES, catalogue.PRICES.tolist(), strict=True
        )
    ]


@cache
def _campaign_json(clicked: bool) -> list[str]:
    link = ', "URL": "https://shop.example/news"' if clicked else ""
    return [f'{{"Campaign": "{name}", "Subject": "{name[4:]}"{link}}}' for name in campaigns()]


@cache
def _term_json() -> list[str]:
    return [
        f'{{"Search term": "{term}", "Results": {number * 7 % 43}}}'
        for number, term in enumerate(catalogue.TERMS)
    ]
