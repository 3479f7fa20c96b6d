"""The first set-up: a person with access to the terminal creates the first account and its owner.

The link's secret is derived from the secret key and a random row, so that all web processes and
hosts compute the same one, and neither the key nor the database alone is enough.
"""

from __future__ import annotations

import sys

from django.db import DatabaseError, connection, models, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext as _

from segmenter.accounts.links import link_for_terminal
from segmenter.accounts.models import Account, Role, Seat, User, create_account
from segmenter.kernel.errors import Conflict, Problem
from segmenter.kernel.keys import new_secret

_SALT = "segmenter.accounts.set_up"
_ONLY = 1
_FALLBACK_SLUG = "shop"
_SLUG_ROOM = 50
"""Most characters of a shop's name in a slug of 60: a number may follow."""


class SetUp(models.Model):
    """The single row with the random part of the link; deleted with the set-up."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=_ONLY)
    nonce = models.CharField(max_length=40, default=new_secret)

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return "set-up"


def needs_set_up() -> bool:
    """Whether there is no user yet."""
    return not User.objects.exists()


def set_up_secret() -> str | None:
    """Return the secret of the set-up link, the same each time; None once there is a user."""
    if not needs_set_up():
        return None
    row, _is_new = SetUp.objects.get_or_create(pk=_ONLY)
    return salted_hmac(_SALT, row.nonce, algorithm="sha256").hexdigest()


def is_set_up_secret(secret: str) -> bool:
    expected = set_up_secret()
    return expected is not None and constant_time_compare(secret, expected)


def print_set_up_link() -> None:
    """Print the link to standard error if needed; called in a thread when the web server starts.

    The server must start even if the database is down or not migrated yet.
    """
    try:
        secret = set_up_secret()
    except DatabaseError:
        return
    finally:
        connection.close()
    if secret is not None:
        link = link_for_terminal("set-up", secret)
        print(f"Nobody can sign in yet. Set Segmenter up at\n{link}", file=sys.stderr, flush=True)


def set_up(*, shop: str, time_zone: str, name: str, email: str, password: str) -> Seat:
    """Create the first account and its owner. Raises Conflict if there is a user by now.

    Of two concurrent calls one waits for the other and then raises Conflict.
    """
    with transaction.atomic():
        row = SetUp.objects.select_for_update().filter(pk=_ONLY).first()
        if row is None or not needs_set_up():
            raise Conflict(Problem("", "set_up", _("Somebody has set this installation up.")))
        account = create_account(slug=_free_slug(shop), name=shop, time_zone=time_zone)
        user = User.objects.create_user(email, password, name=name)
        row.delete()
        return Seat.objects.create(user=user, account=account, role=Role.OWNER)


def _free_slug(name: str) -> str:
    """Return an unused slug made of the name; accounts may exist without users."""
    first = slugify(name)[:_SLUG_ROOM].strip("-_") or _FALLBACK_SLUG
    existing = set(Account.objects.filter(slug__startswith=first).values_list("slug", flat=True))
    numbered = (f"{first}-{number}" for number in range(2, len(existing) + 3))
    return next(slug for slug in (first, *numbered) if slug not in existing)
