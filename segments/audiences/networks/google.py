"""Google: Customer Match.

Sources: "Format your customer data file" (Google Ads Help), for the headers and for which columns
are hashed; "Format user data" (Data Manager API), for e-mail addresses (those of gmail.com and
googlemail.com lose dots and what follows a plus, others do not), phone numbers and names;
"OfflineUserAddressInfo" (Google Ads API), which wants last names without punctuation.
Google matches by mail address only with first name, last name, country and zip together.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.audiences.customer import Customer
from segments.audiences.network import FileColumn, Network, networks
from segments.audiences.normal_forms import (
    family_name,
    given_name,
    google_email,
    phone,
    plain,
    sha256,
)


def _zip(customer: Customer) -> str:
    return plain(customer.zip).upper()[:20]


GOOGLE = networks.add(
    "google",
    Network(
        label="Google",
        list_name=_("Customer Match"),
        rank=20,
        minimum=100,
        email_header="Email",
        email=google_email,
        phone_header="Phone",
        phone=phone,
        columns=(
            FileColumn("First Name", lambda customer: sha256(given_name(customer.first_name))),
            FileColumn("Last Name", lambda customer: sha256(family_name(customer.last_name))),
            FileColumn("Country", lambda customer: customer.country),
            FileColumn("Zip", _zip),
        ),
        note=_(
            "Say on upload that the data is hashed. Google shows ads on Search, Shopping and"
            " YouTube from 100 active members on, on Gmail and Display from 100 or 1,000,"
            " depending on the campaign."
        ),
    ),
)
