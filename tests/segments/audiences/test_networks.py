"""What each network gets of a person: headers, order, forms and hashes."""

from __future__ import annotations

from datetime import date

import pytest

from segments.audiences.customer import Customer, line_of
from segments.audiences.network import Identity, networks, networks_by_rank
from tests.segments.audiences.shop import sha

ANNA = Customer(
    email=" Anna.Lind+shop@Gmail.com",
    phone="+46701234567",
    external_id="A-1",
    first_name="Anna",
    last_name="Lind-Åkesson",
    organization="Åkessons  Bygg AB",
    title="=CEO",
    city="Malmö",
    region="Skåne län",
    country="SE",
    zip="211 20",
    gender="f",
    birth=date(1997, 2, 16),
    value=44.5,
)
JOHN = Customer(
    email="John_Smith@gmail.com",
    phone="+16505551212",
    first_name="Mr. John",
    last_name="Smith Jr.",
    city="St. Louis",
    region="Missouri",
    country="US",
    zip="63101-1234",
    value=-1.0,
)
EXPECTED: dict[str, dict[str, tuple[str, str]]] = {
    "meta": {
        "email": (sha("anna.lind+shop@gmail.com"), sha("john_smith@gmail.com")),
        "phone": (sha("46701234567"), sha("16505551212")),
        "fn": (sha("anna"), sha("mrjohn")),
        "ln": (sha("lindåkesson"), sha("smithjr")),
        "ct": (sha("malmo"), sha("stlouis")),
        "st": (sha("skanelan"), sha("mo")),
        "zip": (sha("21120"), sha("63101")),
        "country": (sha("se"), sha("us")),
        "dob": (sha("19970216"), ""),
        "gen": (sha("f"), ""),
        "value": ("44.50", "0.00"),
    },
    "google": {
        "Email": (sha("annalind@gmail.com"), sha("john_smith@gmail.com")),
        "Phone": (sha("+46701234567"), sha("+16505551212")),
        "First Name": (sha("anna"), sha("john")),
        "Last Name": (sha("lindåkesson"), sha("smith")),
        "Country": ("SE", "US"),
        "Zip": ("211 20", "63101-1234"),
    },
    "tiktok": {
        "Email_SHA256": (sha("anna.lind+shop@gmail.com"), sha("john_smith@gmail.com")),
        "Phone_SHA256": (sha("+46701234567"), sha("+16505551212")),
    },
    "linkedin": {
        "email": (sha("anna.lind+shop@gmail.com"), sha("john_smith@gmail.com")),
        "firstname": ("Anna", "Mr. John"),
        "lastname": ("Lind-Åkesson", "Smith Jr."),
        "jobtitle": ("=CEO", ""),
        "employeecompany": ("Åkessons Bygg AB", ""),
        "country": ("SE", "US"),
        "googleaid": ("", ""),
    },
    "pinterest": {
        "email": (sha("anna.lind+shop@gmail.com"), sha("john_smith@gmail.com")),
    },
}


@pytest.mark.parametrize("name", list(EXPECTED))
def test_each_network_gets_its_columns_in_its_form(name: str) -> None:
    network, columns = networks[name], EXPECTED[name]
    assert network.header == tuple(columns)
    for number, customer in enumerate((ANNA, JOHN)):
        row = network.row(customer, network.identity(customer))
        assert dict(zip(network.header, row, strict=True)) == {
            header: cells[number] for header, cells in columns.items()
        }


def test_every_network_is_in_the_table() -> None:
    assert set(networks) == set(EXPECTED)
    assert [name for name, _network in networks_by_rank()] == list(EXPECTED)


@pytest.mark.parametrize(
    ("name", "minimum"),
    [("meta", 100), ("google", 100), ("tiktok", 1000), ("linkedin", 300), ("pinterest", 100)],
)
def test_the_least_size_is_the_network_s(name: str, minimum: int) -> None:
    assert networks[name].minimum == minimum


@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_removal_holds_hashes_alone(name: str) -> None:
    network = networks[name]
    identity = Identity(email="e" * 64, phone="f" * 64 if network.phone_header else "")
    row = dict(zip(network.removal_header, network.removal_row(identity), strict=True))
    assert row.pop(network.email_header) == identity.email
    if network.phone_header:
        assert row.pop(network.phone_header) == identity.phone
    assert set(row.values()) <= {""}
    assert name == "linkedin" or row == {}


@pytest.mark.parametrize("name", list(EXPECTED))
def test_nobody_without_address_and_number_has_an_identity(name: str) -> None:
    network = networks[name]
    assert not network.identity(Customer(first_name="Anna", phone="junk", email="junk"))
    assert network.row(Customer(), Identity()) == ("",) * len(network.header)


def test_a_national_number_is_read_in_the_person_s_country() -> None:
    customer = Customer(phone="070-123 45 67", country="SE")
    assert networks["google"].identity(customer).phone == sha("+46701234567")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "“=1", "＝1"])
def test_no_plain_cell_is_a_formula(cell: str) -> None:
    customer = Customer(email="a@example.com", first_name=cell, title=cell, zip=cell)
    for name in ("linkedin", "google"):
        network = networks[name]
        line = line_of(network.row(customer, network.identity(customer)))
        for part in line.split(","):
            assert part.strip('"')[:1] not in set("=+-@\t＝"), line
