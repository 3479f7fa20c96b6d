"""LinkedIn: contact list of Matched Audiences.

Sources: the contact list's template in Campaign Manager, for the headers; "Requirements for contact
targeting lists in Campaign Manager" (LinkedIn Help): at least 300 rows and 300 matched members, at
most 300,000 rows or 20 MB, headers may not be changed or removed, e-mail addresses plain or
SHA-256, all else plain; "DMP Segment Users" (LinkedIn Marketing API) for lengths: names 35
characters, title and company 50, country ISO alpha-2.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.audiences.network import FileColumn, Network, networks
from segments.audiences.normal_forms import email, plain

LINKEDIN = networks.add(
    "linkedin",
    Network(
        label="LinkedIn",
        list_name=_("Contact list"),
        rank=40,
        minimum=300,
        email_header="email",
        email=email,
        columns=(
            FileColumn("firstname", lambda customer: plain(customer.first_name)[:35]),
            FileColumn("lastname", lambda customer: plain(customer.last_name)[:35]),
            FileColumn("jobtitle", lambda customer: plain(customer.title)[:50]),
            FileColumn("employeecompany", lambda customer: plain(customer.organization)[:50]),
            FileColumn("country", lambda customer: customer.country),
            FileColumn("googleaid", lambda customer: ""),
        ),
        removal_has_all_columns=True,
        note=_(
            "LinkedIn takes names, job title and company as plain text; only the e-mail address is"
            " hashed. A list may have 300,000 rows at most."
        ),
    ),
)
