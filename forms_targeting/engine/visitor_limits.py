"""Limits of what visitors send: how often one IP address, and one e-mail address, may.

They count requests, not people: the answer is the same whether the address is known or not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from segmenter.accounts.models import Account
from segmenter.accounts.request_limits import network_of, seconds_to_wait
from segmenter.accounts.throttle import address_of

FORM_WINDOW = timedelta(minutes=10)
EMAIL_WINDOW = timedelta(hours=1)
CLIENT_WINDOW = timedelta(minutes=1)


def limit_submissions(account: Account, request: HttpRequest, *, at: datetime) -> None:
    """Count a submission of an IP address. Raises Throttled, which answers 429."""
    subject = f"form:{account.pk}:{network_of(address_of(request))}"
    _check(subject, settings.SEGMENTER_FORM_LIMIT, FORM_WINDOW, at)


def limit_email(account: Account, email: str, *, at: datetime) -> None:
    """Count a submission for an e-mail address. Raises Throttled."""
    subject = f"form e-mail:{account.pk}:{email}"
    _check(subject, settings.SEGMENTER_FORM_EMAIL_LIMIT, EMAIL_WINDOW, at)


def limit_client(account: Account, request: HttpRequest, *, at: datetime) -> None:
    """Count another request below /client/ of an IP address. Raises Throttled."""
    subject = f"client:{account.pk}:{network_of(address_of(request))}"
    _check(subject, settings.SEGMENTER_CLIENT_LIMIT, CLIENT_WINDOW, at)


def _check(subject: str, most: int, window: timedelta, at: datetime) -> None:
    wait = seconds_to_wait(subject=subject, most=most, window=window, at=at)
    if wait:
        raise Throttled(wait=wait, detail=f"Too many requests. Try again in {wait} seconds.")
