"""Throttles guessing at sign-in and at links: counts failures in the database.

By e-mail and by IP address at sign-in, by IP address at links. Knows nothing of users: its answer
does not depend on whether the e-mail exists.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest

WINDOW = timedelta(minutes=15)
MOST_FOR_EMAIL = 10
MOST_FOR_ADDRESS = 30
_KEPT = timedelta(days=1)


class SignInFailure(models.Model):
    """An attempt to sign in or to open a link, failed or pending. The input is stored as a hash."""

    subject = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        app_label = "accounts"
        indexes: ClassVar = [models.Index(fields=["subject", "at"], name="failure_by_subject")]

    def __str__(self) -> str:
        return f"{self.subject[:8]} at {self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Attempt:
    """An attempt that may proceed."""

    rows: tuple[SignInFailure, ...]
    email: str = ""
    """The subject whose earlier failures are deleted after a success."""

    def succeeded(self) -> None:
        """Delete the failures of this e-mail, and this attempt."""
        SignInFailure.objects.filter(
            models.Q(subject=self.email) | models.Q(pk__in=[row.pk for row in self.rows])
        ).delete()


class TooManyFailures(Exception):
    """Signing in must wait for `pause`."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__(f"wait {pause}")
        self.pause = pause


def begin_attempt(*, email: str, address: str, at: datetime) -> Attempt:
    """Count an attempt before it is made, so that concurrent ones are limited, too.

    Raises TooManyFailures if one of the two failed too often; such an attempt is not counted.
    """
    subject = _subject("email", email.strip().lower())
    limits = {subject: MOST_FOR_EMAIL, _subject("address", address): MOST_FOR_ADDRESS}
    return Attempt(_count(limits, at), email=subject)


def begin_link_attempt(*, address: str, at: datetime) -> Attempt:
    """Count a one-time link before it is looked up. Raises TooManyFailures as `begin_attempt`."""
    return Attempt(_count({_subject("link", address): MOST_FOR_ADDRESS}, at))


def _count(limits: dict[str, int], at: datetime) -> tuple[SignInFailure, ...]:
    rows = tuple(SignInFailure.objects.create(subject=subject, at=at) for subject in limits)
    SignInFailure.objects.filter(at__lt=at - _KEPT).delete()
    pause = max(_pause(subject, most, at) for subject, most in limits.items())
    if pause:
        SignInFailure.objects.filter(pk__in=[row.pk for row in rows]).delete()
        raise TooManyFailures(pause)
    return rows


def _pause(subject: str, most: int, at: datetime) -> timedelta:
    # Times further ahead were written before the clock went back, and would count for hours.
    counting = SignInFailure.objects.filter(at__gt=at - WINDOW, at__lt=at + WINDOW)
    times = counting.filter(subject=subject).order_by("-at", "-pk")
    over = list(times.values_list("at", flat=True)[most : most + 1])
    if not over:
        return timedelta()
    # The oldest one that counts must leave the window; this attempt does not count.
    return max(over[0] + WINDOW - at, timedelta(seconds=1))


def _subject(kind: str, value: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def address_of(request: HttpRequest) -> str:
    """The client's IP address: of the connection, or from the trusted proxies' X-Forwarded-For.

    Of X-Forwarded-For only as many entries count, from its end, as there are trusted proxies.
    """
    proxies: int = settings.SEGMENTER_PROXIES
    addresses = [
        a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()
    ]
    if proxies and len(addresses) >= proxies:
        return addresses[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
