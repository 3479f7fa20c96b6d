"""TikTok: customer file of a custom audience.

Source: "How to create a Custom Audience with a customer file" (TikTok Business Help Center,
September 2025): e-mail addresses in small letters and without spaces, phone numbers in E.164 with
their plus, headers Email_SHA256 and Phone_SHA256, at least 1,000 entries. An older page of the same
name removed the plus of numbers and what follows a plus in addresses; the newer one does not.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.audiences.network import Network, networks
from segments.audiences.normal_forms import email, phone

TIKTOK = networks.add(
    "tiktok",
    Network(
        label="TikTok",
        list_name=_("Customer file"),
        rank=30,
        minimum=1_000,
        email_header="Email_SHA256",
        email=email,
        phone_header="Phone_SHA256",
        phone=phone,
        columns=(),
        note=_("A file of fewer than 1,000 entries is refused, whatever matches."),
    ),
)
