"""Creating, changing, switching and deleting webhooks. Messages are in `deliveries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segments.engine.addresses import read_url
from segments.engine.signature import new_signing_secret
from segments.models import Segment, Webhook
from segments.webhooks.deliveries import new_deliveries

MOST_NAME = 120
MOST_WEBHOOKS = 50
"""Webhooks of one account."""
OVERLAP = timedelta(hours=24)
"""How long the previous secret signs beside a new one."""


@dataclass(frozen=True)
class WebhookSettings:
    """Which changes a webhook receives, and where."""

    name: str
    url: str
    segments: Sequence[Segment] | None = None
    """None for all, including future ones."""
    entering: bool = True
    leaving: bool = True
    definitions: bool = False


def get_webhook(account: Account, key: str) -> Webhook:
    """Return a webhook by its public key. Raises NotFound."""
    webhook = Webhook.objects.filter(account=account, key=key).first()
    if webhook is None:
        raise NotFound("The webhook")
    return webhook


def create_webhook(
    *, account: Account, settings: WebhookSettings, at: datetime
) -> tuple[Webhook, str]:
    """Create a webhook; return it with its secret, which pages show only once.

    Raises Invalid for invalid settings, Conflict for more than MOST_WEBHOOKS.
    """
    _check(account, settings)
    secret = new_signing_secret()
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if Webhook.objects.filter(account=account).count() >= MOST_WEBHOOKS:
            message = _("There are %(most)d webhooks already, which is as many as there may be.")
            raise Conflict(Problem("", "too_many", message % {"most": MOST_WEBHOOKS}))
        webhook = Webhook(account=account, secret=secret, created=at)
        _write(webhook, settings, at)
    return webhook, secret


def change_webhook(*, webhook: Webhook, settings: WebhookSettings, at: datetime) -> Webhook:
    """Change the settings of a webhook. Pending messages go to the new URL. Raises Invalid."""
    _check(webhook.account, settings)
    with transaction.atomic():
        locked = _locked(webhook)
        if locked.url != settings.url:
            locked.failures, locked.rest_until = 0, None
        _write(locked, settings, at)
        new_deliveries.call_after_commit(locked.pk)
    return locked


def renew_secret(*, webhook: Webhook, at: datetime) -> str:
    """Create a new secret and return it. The previous one signs beside it for OVERLAP."""
    secret = new_signing_secret()
    with transaction.atomic():
        locked = _locked(webhook)
        locked.old_secret, locked.old_secret_until = locked.secret, at + OVERLAP
        locked.secret, locked.updated = secret, at
        locked.save(update_fields=["secret", "old_secret", "old_secret_until", "updated"])
    return secret


def switch_webhook(*, webhook: Webhook, on: bool, at: datetime) -> None:
    """Switch a webhook on or off. Pending messages wait for up to a day."""
    with transaction.atomic():
        locked = _locked(webhook)
        locked.is_active, locked.disabled_reason, locked.updated = on, "", at
        locked.failures, locked.rest_until = 0, None
        locked.save(
            update_fields=["is_active", "disabled_reason", "failures", "rest_until", "updated"]
        )
        new_deliveries.call_after_commit(locked.pk)


def delete_webhook(*, webhook: Webhook) -> None:
    """Delete a webhook with its log. Pending messages are not sent."""
    with transaction.atomic():
        _locked(webhook, key=True).delete()


def _locked(webhook: Webhook, *, key: bool = False) -> Webhook:
    rows = Webhook.objects.select_for_update(no_key=not key)
    row = rows.filter(pk=webhook.pk, account_id=webhook.account_id).first()
    if row is None:
        raise NotFound("The webhook")
    return row


def _check(account: Account, settings: WebhookSettings) -> None:
    name = settings.name.strip()
    if not name or not name.isprintable() or len(name) > MOST_NAME:
        message = _("A name has between 1 and %(most)d characters.") % {"most": MOST_NAME}
        raise Invalid(Problem("/name", "invalid", message))
    read_url(settings.url)
    if not settings.entering and not settings.leaving:
        raise Invalid(Problem("/entering", "required", _("Choose what is to be sent.")))
    if settings.segments is not None and not settings.segments:
        raise Invalid(Problem("/segments", "required", _("Choose a segment at least.")))
    if any(segment.account_id != account.pk for segment in settings.segments or ()):
        raise NotFound("The segment")


def _write(webhook: Webhook, settings: WebhookSettings, at: datetime) -> None:
    webhook.name, webhook.url, webhook.updated = settings.name.strip(), settings.url, at
    webhook.all_segments = settings.segments is None
    webhook.entering, webhook.leaving = settings.entering, settings.leaving
    webhook.definitions = settings.definitions
    webhook.save()
    # `set` sees no deleted segments: they would be back on the list if a deletion is undone.
    rows = Webhook.segments.through.objects.filter(webhook=webhook)
    rows.filter(segment__deleted__isnull=False).delete()
    webhook.segments.set(settings.segments or ())
