"""Meta: customer list of a custom audience (Facebook, Instagram).

Sources: "Customer File Custom Audiences", section "Hashing and Normalization for Multi-Key"
(Marketing API), and "How to format a customer list when creating a custom audience" (Meta Business
Help Centre), for the column headers. Two things they leave open:

- For the United Kingdom they ask for "Area/District/Sector", which is "m11" of "M1 1AE"; an example
  in "Customer Information Parameters" (Conversions API) shows the whole code. The words are
  followed.
- Names keep their accents ("special characters in UTF-8": Valéry is hashed as "valéry"); cities and
  regions have none ("a-z only, no special characters": Malmö is "malmo").

A value of nobody is left empty and not written as 0, which would say that they are worth nothing.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from profiles.places.regions import region_abbreviation
from segments.audiences.customer import Customer
from segments.audiences.network import FileColumn, Network, networks
from segments.audiences.normal_forms import (
    email,
    letters,
    money,
    phone_digits,
    plain_letters,
    postcode,
    sha256,
)


def _state(customer: Customer) -> str:
    """The two letters of a state of the United States, elsewhere the region's name."""
    if customer.country == "US":
        return region_abbreviation("US", customer.region).lower()
    return plain_letters(customer.region)


META = networks.add(
    "meta",
    Network(
        label="Meta",
        list_name=_("Customer list"),
        rank=10,
        minimum=100,
        email_header="email",
        email=email,
        phone_header="phone",
        phone=phone_digits,
        columns=(
            FileColumn("fn", lambda customer: sha256(letters(customer.first_name))),
            FileColumn("ln", lambda customer: sha256(letters(customer.last_name))),
            FileColumn("ct", lambda customer: sha256(plain_letters(customer.city))),
            FileColumn("st", lambda customer: sha256(_state(customer))),
            FileColumn("zip", lambda customer: sha256(postcode(customer.zip, customer.country))),
            FileColumn("country", lambda customer: sha256(customer.country.lower())),
            FileColumn(
                "dob",
                lambda customer: sha256(f"{customer.birth:%Y%m%d}" if customer.birth else ""),
            ),
            FileColumn("gen", lambda customer: sha256(customer.gender)),
            FileColumn("value", lambda customer: money(customer.value)),
        ),
        note=_(
            "The column “value” is the predicted spend of the next twelve months; it is empty for"
            " people without a prediction. Choose it as customer value to make a value-based"
            " lookalike audience."
        ),
    ),
)
