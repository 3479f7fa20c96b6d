"""Cells become values: the tables of types, times, numbers, targets and header names."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from profiles.imports.source import Unreadable
from profiles.imports.targets import BadTarget, map_by_name, map_columns, read_target
from profiles.imports.values import (
    CellType,
    RefusedCell,
    amount_memo,
    check_format,
    infer,
    property_memo,
    time_memo,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")

TYPES = [
    (["1", "2.5", "-3", "0", "-0.25"], CellType.NUMBER),
    (["1", "", " 2 "], CellType.NUMBER),
    (["1e-05", "2.5E+10"], CellType.NUMBER),
    ([".5"], CellType.NUMBER),
    (["1", "n/a"], CellType.TEXT),
    ([*map(str, range(300)), "n/a"], CellType.NUMBER),
    ([*map(str, range(300)), "007"], CellType.TEXT),
    ([*map(str, range(300)), "+46 70 123"], CellType.TEXT),
    (["23.02.2026", "1.3.2026"], CellType.DAY_FIRST),
    (["01.02.2026"], CellType.DAY_FIRST),
    (["23/02/2026", "01/02/2026"], CellType.DAY_FIRST),
    (["02/23/2026", "01/02/2026"], CellType.MONTH_FIRST),
    (["23.02.2026", "31.02.2026"], CellType.TEXT),
    (["23.02/2026"], CellType.TEXT),
    (["23.02.26"], CellType.TEXT),
    (["007"], CellType.TEXT),
    (["01", "2"], CellType.TEXT),
    (["+46701234567"], CellType.TEXT),
    (["1,5"], CellType.TEXT),
    (["12E5"], CellType.TEXT),
    (["1234567890123456"], CellType.TEXT),
    (["NaN"], CellType.TEXT),
    (["inf"], CellType.TEXT),
    (["١٢"], CellType.TEXT),
    (["true", "False", "TRUE"], CellType.BOOLEAN),
    (["true", "yes"], CellType.TEXT),
    (["1", "true"], CellType.TEXT),
    (["2026-03-01", "2026-03-01T14:00:00Z", "2026-03-01 14:00"], CellType.DATE),
    (["2026-03-01", "2026-02-30"], CellType.TEXT),
    (["20260301"], CellType.NUMBER),
    (["01/02/2026"], CellType.TEXT),
    (["", "  "], CellType.TEXT),
    ([], CellType.TEXT),
]


@pytest.mark.parametrize(("cells", "kind"), TYPES, ids=str)
def test_types_are_inferred(cells: list[str], kind: CellType) -> None:
    assert infer(cells) is kind


def test_a_misfit_of_a_number_column_stays_text_and_is_counted() -> None:
    memo = property_memo(CellType.NUMBER)
    assert memo is not None
    assert [memo[cell] for cell in ("1", "2.50", " 3 ", "", "x", "007", "x")] == [
        *(1, 2.5, 3, None),
        *("x", "007", "x"),
    ]
    assert memo.odd == 3
    truths = property_memo(CellType.BOOLEAN)
    assert truths is not None
    assert [truths[cell] for cell in ("TRUE", "false", "maybe")] == [True, False, "maybe"]


TIMES = [
    ("2026-03-01T14:00:00Z", "2026-03-01T14:00:00"),
    ("2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00"),
    ("2026-03-01 14:00:00", "2026-03-01T13:00:00"),
    ("2026-07-01", "2026-06-30T22:00:00"),
    ("20260701", "2026-06-30T22:00:00"),
    ("20260701T120000Z", "2026-07-01T12:00:00"),
    ("0867715200", "1997-07-01T00:00:00"),
    ("867715200.5", "1997-07-01T00:00:00.500000"),
    ("2026-03-29T02:30:00", "2026-03-29T01:30:00"),  # this hour does not exist in Stockholm
    ("2026-10-25T02:30:00", "2026-10-25T00:30:00"),  # this one comes twice: the first
    ("1600-01-01", "1599-12-31T22:47:48"),
]


@pytest.mark.parametrize(("text", "utc"), TIMES)
def test_times_are_read_in_the_zone(text: str, utc: str) -> None:
    assert time_memo(None, STOCKHOLM)[text] == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "1997", "12/31/1997", "2026-13-01", "20261301", "1234567890123", "NaN", "1e9"],
)
def test_other_times_are_refused(text: str) -> None:
    memo = time_memo(None, UTC)
    assert isinstance(memo[text], RefusedCell)
    assert isinstance(memo[text], RefusedCell)
    assert memo.odd == 2


def test_times_of_a_format() -> None:
    memo = time_memo("%d.%m.%Y %H:%M", STOCKHOLM)
    assert memo["24.12.2025 15:00"] == datetime(2025, 12, 24, 14, tzinfo=UTC)
    assert "%d.%m.%Y %H:%M" in memo["2025-12-24"].reason
    assert time_memo("%Y%m%d%z", UTC)["19970101+0100"] == datetime(1996, 12, 31, 23, tzinfo=UTC)


def test_the_first_year_is_no_crash() -> None:
    assert isinstance(time_memo(None, ZoneInfo("Asia/Tokyo"))["0001-01-01"], RefusedCell)


@pytest.mark.parametrize("format_", ["%H:%M", "%Y-%m", "date", "%Q", ""])
def test_a_format_must_hold_a_date(format_: str) -> None:
    with pytest.raises(ValueError, match=r"no time format|no whole date"):
        check_format(format_)


@pytest.mark.parametrize(
    ("text", "value"),
    [("11.77", 11.77), ("-5", -5.0), ("+5", 5.0), ("011", 11.0), ("1e3", 1000.0), ("5.", 5.0)],
)
def test_amounts(text: str, value: float) -> None:
    assert amount_memo()[text] == value


@pytest.mark.parametrize("text", ["1,234.50", "$5", "NaN", "inf", "1e400", "five", "1_000", "٥"])
def test_other_amounts_are_refused(text: str) -> None:
    assert isinstance(amount_memo()[text], RefusedCell)


def test_targets_are_checked() -> None:
    assert read_target("profiles", " properties.Favourite colour ") == "properties.Favourite colour"
    for kind, text in [("profiles", "mail"), ("profiles", "properties."), ("events", "city")]:
        with pytest.raises(BadTarget):
            read_target(kind, text)
    with pytest.raises(BadTarget, match="twice"):
        map_columns("profiles", ("a", "b"), [("email", "a"), ("email", "b")])
    with pytest.raises(Unreadable, match=r"no column 'c'. The columns are: a, b"):
        map_columns("profiles", ("a", "b"), [("email", "c")])
    with pytest.raises(
        Unreadable, match=r"00001, 19970101\. If that is a row of data: --no-header"
    ):
        map_columns("profiles", ("00001", "19970101"), [("email", "c")])
    with pytest.raises(Unreadable, match="2 times"):
        map_columns("profiles", ("a", "a"), [("email", "a")])


def test_obvious_names_are_recognised() -> None:
    header = ("E-mail", "First Name", "EFTERNAMN", "Postort", "Colour", "", "Customer ID", "Email")
    assert [target for target, _ in map_by_name("profiles", header)] == [
        *("email", "first_name", "last_name", "location.city", "properties.Colour"),
        *("external_id", "properties.Email"),
    ]
    orders = ("InvoiceNo", "InvoiceDate", "CustomerID", "Amount")
    assert [target for target, _ in map_by_name("events", orders)] == [
        *("properties.InvoiceNo", "time", "external_id", "value")
    ]


@pytest.mark.parametrize("kind", ["events", "profiles"])
@pytest.mark.parametrize(
    "name",
    [
        *("billing_email", "customer_email", "Customer Email", "Billing Email", "Shipping Email"),
        *(
            "E-mail address",
            "Email address",
            "kund e-post",
            "Kundens e-postadress",
            "customerEmail",
        ),
        *("Email (Billing)", "Order Email", "Contact E-mail", "Leverans e-post", "E-mail klienta"),
    ],
)
def test_an_address_is_recognised_whosever_it_is_called(kind: str, name: str) -> None:
    assert map_by_name(kind, ("x", name))[1].target == "email"


def test_of_several_addresses_the_payers_comes_first() -> None:
    header = ("Shipping Email", "Customer Email", "Billing Email", "Email")
    for width, place in [(4, 3), (3, 2), (2, 1), (1, 0)]:
        mapped = map_by_name("events", header[:width])
        assert [one.column for one in mapped if one.target == "email"] == [place]


def test_names_that_only_speak_of_addresses_are_none() -> None:
    header = ("Email consent", "Accepts Email Marketing", "Email count", "Emails opened")
    assert all(one.target.startswith("properties.") for one in map_by_name("profiles", header))


@pytest.mark.parametrize("kind", ["events", "profiles"])
@pytest.mark.parametrize(
    "item", ["Lineitem name", "Item", "items", "SKU", "Quantity", "Product ID"]
)
def test_the_id_of_an_order_with_items_is_no_person(kind: str, item: str) -> None:
    targets = [one.target for one in map_by_name(kind, ("Id", "Email", item, "Customer ID"))]
    assert targets == ["properties.Id", "email", f"properties.{item}", "external_id"]
    assert map_by_name(kind, ("Id", "Email", item))[0].target == "properties.Id"
    assert map_by_name(kind, ("Id", "Email", "Colour"))[0].target == "external_id"


def test_both_spellings_of_a_column_become_one_property() -> None:
    decomposed = unicodedata.normalize("NFD", "Färg")
    assert decomposed != "Färg"
    assert map_by_name("profiles", ("email", decomposed))[1].target == "properties.Färg"
    pairs = [("email", "email"), (f"properties.{decomposed}", "Färg")]
    assert map_columns("profiles", ("email", decomposed), pairs)[1].target == "properties.Färg"
