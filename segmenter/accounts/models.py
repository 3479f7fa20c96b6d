"""Accounts, users, their seats, and API keys. Knows nothing of an account's data."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Any, ClassVar, NoReturn
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segmenter.kernel.keys import digest as digest_of
from segmenter.kernel.keys import new_key, new_secret
from segmenter.kernel.time_zones import time_zones

NO_SUPERUSER = (
    "There are no superusers here: what people may do is said by their seats in accounts. "
    "For a first login: manage.py create_account SLUG --owner EMAIL, or for an account that exists "
    "manage.py create_user EMAIL --account SLUG --role owner."
)


class Account(models.Model):
    """One shop: every other row belongs to exactly one account."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    site_key = models.CharField(max_length=6, unique=True, default=new_key)
    created = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which this account's days begin."""
        return ZoneInfo(self.time_zone)


def create_account(*, slug: str, name: str = "", time_zone: str = "UTC") -> Account:
    """Create an account. Raises Invalid for a bad slug, a taken one or an unknown time zone."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", slug):
        message = "An account's slug is up to 60 small letters, digits, - and _."
        raise Invalid(Problem("/slug", "invalid", message))
    if time_zone not in time_zones():
        raise Invalid(Problem("/time_zone", "invalid", f"There is no time zone {time_zone!r}."))
    if Account.objects.filter(slug=slug).exists():
        raise Invalid(Problem("/slug", "duplicate", f"There is an account {slug!r} already."))
    return Account.objects.create(slug=slug, name=name or slug, time_zone=time_zone)


def normal_email(text: str) -> str:
    """Return an email address as it is stored and looked up."""
    return text.strip().lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> NoReturn:
        """Raise Conflict with instructions: there are no superusers."""
        raise Conflict(Problem("", "no_superuser", NO_SUPERUSER))

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser):
    """A person who signs in. Their seats define what they may do."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, blank=True)
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    def choose_password(self, password: str) -> None:
        """Store a password that the person chose. Their other sessions end."""
        self.set_password(password)
        self.save(update_fields=["password"])


class Role(models.TextChoices):
    """The rights of a user in an account; each role includes those after it."""

    OWNER = "owner", _("Owner")
    MARKETER = "marketer", _("Marketer")
    VIEWER = "viewer", _("Viewer")

    def allows(self, role: Role) -> bool:
        order = list(Role)
        return order.index(self) <= order.index(role)


class Seat(models.Model):
    """A user's membership of an account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seats")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    created = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "account"], name="one_seat_per_account")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.account} as {self.role}"

    def allows(self, role: Role) -> bool:
        return Role(self.role).allows(role)


def lock_seats(account: Account) -> list[Seat]:
    """Return an account's seats, locked until the transaction ends.

    Changes of the team lock them first, so that two owners cannot remove each other at once, and a
    removed owner cannot invite meanwhile.
    """
    seats = Seat.objects.select_for_update(of=("self",)).filter(account=account).order_by("pk")
    return list(seats.select_related("user", "account"))


SCOPES = (
    "accounts:read",
    "events:write",
    "lists:read",
    "lists:write",
    "metrics:read",
    "profiles:read",
    "profiles:write",
    "segments:read",
    "segments:write",
)
"""What a key can be allowed: each is needed by an endpoint. Older keys may name more."""


class ApiKey(models.Model):
    """A private key of one account. Only its hash is stored; the key itself is shown once."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=30))
    created = models.DateTimeField(default=now)
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, scope: str) -> bool:
        """Whether the key has the scope; writing includes reading."""
        noun, _, right = scope.partition(":")
        return scope in self.scopes or (right == "read" and f"{noun}:write" in self.scopes)

    def revoke(self, *, at: datetime) -> None:
        self.revoked = at
        self.save(update_fields=["revoked"])


def create_api_key(
    *, account: Account, name: str, scopes: list[str] | None = None
) -> tuple[ApiKey, str]:
    """Create a key and return it with its secret, which is not stored."""
    unknown = sorted(set(scopes or ()) - set(SCOPES))
    if unknown:
        raise Invalid(Problem("/scopes", "invalid", f"Unknown scopes: {', '.join(unknown)}."))
    secret = f"pk_{new_secret()}"
    key = ApiKey.objects.create(
        account=account,
        name=name,
        prefix=secret[:9],
        digest=digest_of(secret),
        scopes=list(SCOPES) if scopes is None else scopes,
    )
    return key, secret


_KEY_FIELDS = [field.attname for field in ApiKey._meta.concrete_fields]
_ACCOUNT_FIELDS = [field.attname for field in Account._meta.concrete_fields]
# Written by hand: every API request runs it, and the ORM takes longer than the database.
_FIND_KEY = (
    f"SELECT {', '.join(f'k.{name}' for name in _KEY_FIELDS)},"
    f" {', '.join(f'a.{name}' for name in _ACCOUNT_FIELDS)}"
    " FROM accounts_apikey k JOIN accounts_account a ON a.id = k.account_id"
    " WHERE k.digest = %s AND k.revoked IS NULL"
)


def find_api_key(secret: str) -> ApiKey | None:
    """Return the valid key with this secret, with its account, or None."""
    digest = digest_of(secret)
    with connection.cursor() as cursor:
        cursor.execute(_FIND_KEY, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    key = ApiKey.from_db(connection.alias, _KEY_FIELDS, row[: len(_KEY_FIELDS)])
    key.account = Account.from_db(connection.alias, _ACCOUNT_FIELDS, row[len(_KEY_FIELDS) :])
    return key if hmac.compare_digest(key.digest, digest) else None
