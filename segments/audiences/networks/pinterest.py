"""Pinterest: customer list.

Source: "Audience targeting" (Pinterest Business Help): a CSV file of a single column with e-mail
addresses, plain or hashed (SHA-256 among them), nothing else; the list works from 100 matched
people on. The header is ours: Pinterest names none and passes over what matches nobody.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.audiences.network import Network, networks
from segments.audiences.normal_forms import email

PINTEREST = networks.add(
    "pinterest",
    Network(
        label="Pinterest",
        list_name=_("Customer list"),
        rank=50,
        minimum=100,
        email_header="email",
        email=email,
        columns=(),
        note=_("Pinterest takes one column: hashed e-mail addresses."),
    ),
)
