"""Slows down guessing at sign-in: counts failures by e-mail and by address, in the database.

Knows nothing of users: what it answers is the same whether the e-mail is known or not.
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
    """A sign-in that failed, or is being tried. What was typed is kept as a keyed hash only."""

    subject = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        app_label = "accounts"
        indexes: ClassVar = [models.Index(fields=["subject", "at"], name="failure_by_subject")]

    def __str__(self) -> str:
        return f"{self.subject[:8]} at {self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Attempt:
    """A try at signing in that is allowed to go on."""

    rows: tuple[SignInFailure, SignInFailure]

    def succeeded(self) -> None:
        """Forget the failures of this e-mail, and this try of the address."""
        email, address = self.rows
        SignInFailure.objects.filter(
            models.Q(subject=email.subject) | models.Q(pk=address.pk)
        ).delete()


class TooManyFailures(Exception):
    """Signing in must wait for `pause`."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__(f"wait {pause}")
        self.pause = pause


def begin_attempt(*, email: str, address: str, at: datetime) -> Attempt:
    """Count a try before it is made, so that many at once do not slip through together.

    Raises TooManyFailures if one of the two has failed too often; such a try is not counted.
    """
    subjects = (_subject("email", email.strip().lower()), _subject("address", address))
    rows = tuple(SignInFailure.objects.create(subject=subject, at=at) for subject in subjects)
    SignInFailure.objects.filter(at__lt=at - _KEPT).delete()
    limits = zip(subjects, (MOST_FOR_EMAIL, MOST_FOR_ADDRESS), strict=True)
    pause = max(_pause(subject, most, at) for subject, most in limits)
    if pause:
        SignInFailure.objects.filter(pk__in=[row.pk for row in rows]).delete()
        raise TooManyFailures(pause)
    return Attempt((rows[0], rows[1]))


def _pause(subject: str, most: int, at: datetime) -> timedelta:
    # What lies further ahead was written before the clock went back, and would count for hours.
    counting = SignInFailure.objects.filter(at__gt=at - WINDOW, at__lt=at + WINDOW)
    times = counting.filter(subject=subject).order_by("-at", "-pk")
    over = list(times.values_list("at", flat=True)[most : most + 1])
    if not over:
        return timedelta()
    # The oldest that still counts must leave the window; this try itself does not count.
    return max(over[0] + WINDOW - at, timedelta(seconds=1))


def _subject(kind: str, value: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def address_of(request: HttpRequest) -> str:
    """The client's address: the connection's, or what the trusted proxies before us wrote down.

    Of X-Forwarded-For only as many entries count, from its end, as there are trusted proxies.
    """
    proxies: int = settings.SEGMENTER_PROXIES
    seen = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
    if proxies and len(seen) >= proxies:
        return seen[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
