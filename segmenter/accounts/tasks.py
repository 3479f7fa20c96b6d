"""Celery tasks of accounts: each asks for the time and calls one function."""

from __future__ import annotations

from segmenter.accounts import mail, request_limits
from segmenter.celery import app
from segmenter.kernel.clock import now


@app.task(name="accounts.send_mail")
def send_mail(mail_id: int) -> None:
    """Send one mail."""
    mail.send(mail_id, now)


@app.task(name="accounts.sweep_mails")
def sweep_mails() -> None:
    """Queue the mails that are due, or lost their message or their worker."""
    for mail_id in mail.mails_due(now()):
        send_mail.delay(mail_id)


@app.task(name="accounts.tidy")
def tidy() -> None:
    """Delete mails that ended long ago and counts of requests that are over."""
    mail.delete_old_mails(now())
    request_limits.delete_old_counts(now())


mail.new_mail.subscribe(send_mail.delay)
