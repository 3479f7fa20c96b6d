"""Making, changing, switching and deleting webhooks. Their messages are those of `deliveries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segments.engine.addresses import read_url
from segments.models import Segment, Webhook
from segments.webhooks.deliveries import nudge
from segments.webhooks.signature import new_signing_secret

MOST_NAME = 120
MOST_WEBHOOKS = 50
"""Webhooks of one account."""
OVERLAP = timedelta(hours=24)
"""For which the secret before a new one signs too."""


@dataclass(frozen=True)
class Wishes:
    """What a webhook is to be told, and where."""

    name: str
    url: str
    segments: Sequence[Segment] | None = None
    """None for all of them, those of the future too."""
    entering: bool = True
    leaving: bool = True
    definitions: bool = False


def get_webhook(account: Account, key: str) -> Webhook:
    """Return a webhook by its public key. Raises NotFound."""
    found = Webhook.objects.filter(account=account, key=key).first()
    if found is None:
        raise NotFound("The webhook")
    return found


def create_webhook(*, account: Account, wishes: Wishes, at: datetime) -> tuple[Webhook, str]:
    """Make a webhook; return it with its secret, which pages show this once.

    Raises Invalid for what cannot be meant, Conflict for one more than an account may have.
    """
    _check(account, wishes)
    secret = new_signing_secret()
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if Webhook.objects.filter(account=account).count() >= MOST_WEBHOOKS:
            message = _("There are %(most)d webhooks already, which is as many as there may be.")
            raise Conflict(Problem("", "too_many", message % {"most": MOST_WEBHOOKS}))
        made = Webhook(account=account, secret=secret, created=at)
        _write(made, wishes, at)
    return made, secret


def change_webhook(*, webhook: Webhook, wishes: Wishes, at: datetime) -> Webhook:
    """Give a webhook other wishes. What waits goes to the new address. Raises Invalid."""
    _check(webhook.account, wishes)
    with transaction.atomic():
        locked = _locked(webhook)
        if locked.url != wishes.url:
            locked.failures, locked.rest_until = 0, None
        _write(locked, wishes, at)
        nudge(locked.pk)
    return locked


def renew_secret(*, webhook: Webhook, at: datetime) -> str:
    """Make a new secret and return it. The one before it signs beside it for OVERLAP."""
    secret = new_signing_secret()
    with transaction.atomic():
        locked = _locked(webhook)
        locked.old_secret, locked.old_secret_until = locked.secret, at + OVERLAP
        locked.secret, locked.updated = secret, at
        locked.save(update_fields=["secret", "old_secret", "old_secret_until", "updated"])
    return secret


def switch_webhook(*, webhook: Webhook, on: bool, at: datetime) -> None:
    """Have a webhook told from now on, or no longer. What waits, waits for up to a day."""
    with transaction.atomic():
        locked = _locked(webhook)
        locked.is_active, locked.disabled_reason, locked.updated = on, "", at
        locked.failures, locked.rest_until = 0, None
        locked.save(
            update_fields=["is_active", "disabled_reason", "failures", "rest_until", "updated"]
        )
        nudge(locked.pk)


def delete_webhook(*, webhook: Webhook) -> None:
    """Delete a webhook with its log. What waits for it is not sent."""
    with transaction.atomic():
        _locked(webhook, key=True).delete()


def _locked(webhook: Webhook, *, key: bool = False) -> Webhook:
    rows = Webhook.objects.select_for_update(no_key=not key)
    found = rows.filter(pk=webhook.pk, account_id=webhook.account_id).first()
    if found is None:
        raise NotFound("The webhook")
    return found


def _check(account: Account, wishes: Wishes) -> None:
    name = wishes.name.strip()
    if not name or not name.isprintable() or len(name) > MOST_NAME:
        message = _("A name has between 1 and %(most)d characters.") % {"most": MOST_NAME}
        raise Invalid(Problem("/name", "invalid", message))
    read_url(wishes.url)
    if not wishes.entering and not wishes.leaving:
        raise Invalid(Problem("/entering", "required", _("Choose what is to be sent.")))
    if wishes.segments is not None and not wishes.segments:
        raise Invalid(Problem("/segments", "required", _("Choose a segment at least.")))
    if any(segment.account_id != account.pk for segment in wishes.segments or ()):
        raise NotFound("The segment")


def _write(webhook: Webhook, wishes: Wishes, at: datetime) -> None:
    webhook.name, webhook.url, webhook.updated = wishes.name.strip(), wishes.url, at
    webhook.all_segments = wishes.segments is None
    webhook.entering, webhook.leaving = wishes.entering, wishes.leaving
    webhook.definitions = wishes.definitions
    webhook.save()
    webhook.segments.set(wishes.segments or ())
