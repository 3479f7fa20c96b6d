"""Mails that the product sends: one row each, which a worker sends and tries again.

A mail is sent at least once: a worker that is killed between the mail server's "yes" and the row's
update sends it again, with the same Message-ID. The text is encrypted until it is sent and deleted
afterwards, since links in it open pages.
"""

from __future__ import annotations

import json
import logging
import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import formataddr, make_msgid, parseaddr
from typing import ClassVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account
from segmenter.kernel.hook import Hook
from segmenter.kernel.leases import stale
from segmenter.kernel.secrets import UnreadableSecret, decrypt, encrypt, secret_columns

LEASE = timedelta(minutes=2)
"""Longer than sending one mail takes (EMAIL_TIMEOUT in settings)."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1_440))
"""Between tries; after the last one the mail has failed."""
KEPT = timedelta(days=30)
"""How long rows stay after their end."""
_MOST_ERROR = 500
_log = logging.getLogger(__name__)

new_mail = Hook[[int]]()
"""Called after the commit of a new mail with its id; a lost call does no harm."""


class MailStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("mail", "Waiting")
    SENDING = "sending", pgettext_lazy("mail", "Sending")
    DELIVERED = "delivered", pgettext_lazy("mail", "Sent")
    FAILED = "failed", pgettext_lazy("mail", "Failed")


class OutgoingMail(models.Model):
    """A mail to one address."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    profile_id = models.BigIntegerField(null=True)
    """The person it is about, if it is about one: erasing them deletes it."""
    sender = models.TextField()
    recipient = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    """Encrypted JSON of `text` and `html`; empty once the mail has ended."""
    headers = models.JSONField(default=dict)
    message_id = models.TextField()
    status = models.CharField(max_length=10, choices=MailStatus.choices, default=MailStatus.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField()
    heartbeat = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        indexes: ClassVar = [
            models.Index(
                fields=["due"], name="mail_to_send", condition=models.Q(finished__isnull=True)
            ),
            models.Index(fields=["account", "profile_id"], name="mail_by_person"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}: {self.status}"


secret_columns.add("texts of mails", ("accounts_outgoingmail", "body"))


def queue_mail(
    *,
    account: Account,
    profile_id: int | None,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    headers: Mapping[str, str],
    at: datetime,
) -> OutgoingMail:
    """Write a mail that a worker sends after the commit."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    mail = OutgoingMail.objects.create(
        account=account,
        profile_id=profile_id,
        sender=sender,
        recipient=recipient,
        subject=" ".join(subject.split()),
        body=encrypt(json.dumps({"text": text, "html": html})),
        headers=dict(headers),
        message_id=make_msgid(domain=domain),
        due=at,
        created=at,
    )
    new_mail.call_after_commit(mail.pk)
    return mail


def sender_of(name: str, address: str) -> str:
    """Return the From header for a name and an address; without one, the server's own address."""
    own_name, own_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or own_name, address or own_address))


def send(mail_id: int, clock: Callable[[], datetime]) -> bool:
    """Send a mail that is due, unless another worker has it; return whether it was sent."""
    mail = _claim(mail_id, clock())
    if mail is None:
        return False
    try:
        _deliver(mail)
    except UnreadableSecret:
        _end(mail, MailStatus.FAILED, clock(), error="The text cannot be decrypted any more.")
    except Exception as error:
        words = f"{type(error).__name__}: {error}".replace("\0", "")[:_MOST_ERROR]
        _log.warning("Mail %s could not be sent: %s", mail.pk, words)
        if _is_final(error) or mail.tries > len(PAUSES):
            _end(mail, MailStatus.FAILED, clock(), error=words)
        else:
            _wait(mail, clock() + PAUSES[mail.tries - 1], words)
    else:
        _end(mail, MailStatus.DELIVERED, clock())
        return True
    return False


def mails_due(at: datetime) -> list[int]:
    """Return the mails that should be sent now: also those whose worker is silent."""
    mails = OutgoingMail.objects.filter(_free(at), finished=None)
    return list(mails.order_by("due").values_list("pk", flat=True)[:1_000])


def delete_old_mails(at: datetime) -> int:
    """Delete the rows of mails that ended long ago."""
    count, _by_model = OutgoingMail.objects.filter(finished__lt=at - KEPT).delete()
    return count


def _free(at: datetime) -> Q:
    """Mails that are due, or whose worker is silent, or that a clock ahead has dated."""
    is_due = Q(due__lte=at) | Q(due__gt=at + PAUSES[-1])
    is_silent = stale("heartbeat", at, LEASE)
    return Q(status=MailStatus.WAITING) & is_due | Q(status=MailStatus.SENDING) & is_silent


def _claim(mail_id: int, at: datetime) -> OutgoingMail | None:
    with transaction.atomic():
        rows = OutgoingMail.objects.select_for_update(skip_locked=True)
        mail = rows.filter(_free(at), pk=mail_id, finished=None).first()
        if mail is None:
            return None
        mail.status, mail.heartbeat, mail.tries = MailStatus.SENDING, at, mail.tries + 1
        mail.save(update_fields=["status", "heartbeat", "tries"])
    return mail


def _deliver(mail: OutgoingMail) -> None:
    body = json.loads(decrypt(mail.body))
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=body["text"],
        from_email=mail.sender,
        to=[mail.recipient],
        headers={**mail.headers, "Message-ID": mail.message_id},
    )
    message.attach_alternative(body["html"], "text/html")
    message.send()


def _is_final(error: Exception) -> bool:
    """Whether the mail server refuses this mail for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # an operator can mend it
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 550


def _mine(mail: OutgoingMail) -> models.QuerySet[OutgoingMail]:
    """The mail's row while this worker's lease lasts; it may also have been deleted."""
    return OutgoingMail.objects.filter(
        pk=mail.pk, status=MailStatus.SENDING, heartbeat=mail.heartbeat
    )


def _end(mail: OutgoingMail, status: MailStatus, at: datetime, *, error: str = "") -> None:
    _mine(mail).update(status=status, finished=at, error=error, body="")


def _wait(mail: OutgoingMail, due: datetime, error: str) -> None:
    _mine(mail).update(status=MailStatus.WAITING, due=due, error=error)
