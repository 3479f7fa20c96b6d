"""Limits how often something may be asked for, such as one sign-up form by one IP address.

Counts are rows, so that all processes share them. What is counted is kept as a keyed digest only.
Being one too many in a race is harmless; what must be right does not rest on these counts.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import ClassVar

from django.conf import settings
from django.db import connection, models

_NETWORK_BITS = 64
"""Of an IPv6 address these bits name the customer; the rest changes at will."""


class RequestCount(models.Model):
    """How often something was asked for in the present window."""

    subject = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField()
    """When the window ends."""

    class Meta:
        app_label = "accounts"
        indexes: ClassVar = [models.Index(fields=["until"], name="request_count_by_until")]

    def __str__(self) -> str:
        return f"{self.subject[:8]}: {self.count} until {self.until:%Y-%m-%d %H:%M}"


_COUNT = """INSERT INTO accounts_requestcount AS c (subject, count, until)
VALUES (%(subject)s, 1, %(until)s)
ON CONFLICT (subject) DO UPDATE SET
    count = CASE WHEN c.until > %(at)s AND c.until <= %(until)s THEN c.count + 1 ELSE 1 END,
    until = CASE WHEN c.until > %(at)s AND c.until <= %(until)s THEN c.until ELSE %(until)s END
RETURNING count, until"""


def seconds_to_wait(*, subject: str, most: int, window: timedelta, at: datetime) -> int:
    """Count one request; return 0, or the seconds until the next one is allowed.

    `subject` says what is limited for whom. `most` 0 means no limit. Call it outside of
    transactions that may be rolled back.
    """
    if most <= 0:
        return 0
    key = settings.SECRET_KEY.encode()
    digest = hmac.new(key, f"request:{subject}".encode(), hashlib.sha256).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"subject": digest, "until": at + window, "at": at})
        count, until = cursor.fetchone()
    return 0 if count <= most else max(1, int((until - at).total_seconds()) + 1)


def network_of(address: str) -> str:
    """Return what is counted of an IP address: all of IPv4, the network of IPv6."""
    try:
        number = ip_address(address)
    except ValueError:
        return address
    if not isinstance(number, IPv6Address):
        return str(number)
    if number.ipv4_mapped is not None:
        return str(number.ipv4_mapped)
    return str(IPv6Address(int(number) >> (128 - _NETWORK_BITS) << (128 - _NETWORK_BITS)))


def delete_old_counts(at: datetime) -> int:
    """Delete the counts of windows that are over."""
    count, _by_model = RequestCount.objects.filter(until__lte=at).delete()
    return count
