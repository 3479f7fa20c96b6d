"""Mails: written with what causes them, sent at least once, and not again afterwards."""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends import locmem
from django.db import transaction

from segmenter.accounts import mail
from segmenter.accounts.mail import LEASE, PAUSES, MailStatus, OutgoingMail, mails_due, send
from segmenter.accounts.models import Account
from tests.accounts.mail_server import MailServer
from tests.builders.shops import at_once
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db


def new_mail(account: Account, recipient: str = "anna@b.se", **fields: Any) -> OutgoingMail:
    about: dict[str, Any] = {
        "account": account,
        "profile_id": 7,
        "sender": "Shop <news@shop.example>",
        "recipient": recipient,
        "subject": "Grüße\nfrom us",
        "text": "Open https://shop.example/secret",
        "html": "<p>Open <a href='https://shop.example/secret'>this</a></p>",
        "headers": {"List-Unsubscribe": "<https://shop.example/leave>"},
        "at": AT,
    }
    return mail.queue_mail(**{**about, **fields})


def clock(at: datetime = AT) -> Any:
    return lambda: at


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with MailServer() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.address
        yield running


def test_a_mail_server_gets_text_and_html(account: Account, server: MailServer) -> None:
    row = new_mail(account)
    assert send(row.pk, clock())
    (message,) = server.messages
    assert message["To"] == "anna@b.se"
    assert message["From"] == "Shop <news@shop.example>"
    assert message["Subject"] == "Grüße from us"
    assert message["Message-ID"] == row.message_id
    assert message["List-Unsubscribe"] == "<https://shop.example/leave>"
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


def test_a_mail_is_sent_once_and_its_text_is_forgotten(account: Account) -> None:
    row = new_mail(account)
    assert "secret" not in row.body
    assert send(row.pk, clock())
    assert not send(row.pk, clock())
    row.refresh_from_db()
    assert (row.status, row.body, len(django_mail.outbox)) == (MailStatus.DELIVERED, "", 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends_it(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail.new_mail, "subscribers", [])  # its message was lost
    row = new_mail(account)
    assert sorted(at_once(*[lambda: send(row.pk, clock())] * 4)) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_transaction_that_fails_is_never_sent(account: Account) -> None:
    with transaction.atomic():
        new_mail(account)
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()
    assert not django_mail.outbox


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_by_the_commit(account: Account) -> None:
    new_mail(account, at=AT)
    assert len(django_mail.outbox) == 1


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, at = new_mail(account), AT
    away = lambda *_: (_ for _ in ()).throw(ConnectionRefusedError("away"))  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", away)
        for pause in PAUSES:
            assert not send(row.pk, clock(at))
            assert mails_due(at + pause - timedelta(seconds=1)) == []
            at += pause
            assert mails_due(at) == [row.pk]
    assert send(row.pk, clock(at))


def test_after_the_last_pause_it_has_failed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, at = new_mail(account), AT
    away = lambda *_: (_ for _ in ()).throw(ConnectionRefusedError("away"))  # noqa: E731
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", away)
    for pause in (*PAUSES, timedelta()):
        send(row.pk, clock(at))
        at += pause
    row.refresh_from_db()
    assert (row.status, row.error) == (MailStatus.FAILED, "ConnectionRefusedError: away")
    assert mails_due(at + timedelta(days=9)) == []


def test_an_address_that_the_server_refuses_is_given_up_at_once(
    account: Account, server: MailServer
) -> None:
    server.refused["nobody@b.se"] = "550 5.1.1 No such user"
    server.refused["full@b.se"] = "452 4.2.2 Mailbox full"
    rows = [new_mail(account, address) for address in ("nobody@b.se", "full@b.se")]
    for row in rows:
        assert not send(row.pk, clock())
        row.refresh_from_db()
    assert [row.status for row in rows] == [MailStatus.FAILED, MailStatus.WAITING]
    assert "No such user" in rows[0].error


def test_the_mail_of_a_killed_worker_is_sent_by_another(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = new_mail(account)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "_deliver", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send(row.pk, clock())
    assert mails_due(AT + LEASE - timedelta(seconds=1)) == []
    assert not send(row.pk, clock(AT + timedelta(seconds=30)))
    assert mails_due(AT + LEASE) == [row.pk]
    assert send(row.pk, clock(AT + LEASE))


def test_a_mail_dated_by_a_clock_ahead_does_not_wait_for_it(account: Account) -> None:
    row = new_mail(account, at=AT + timedelta(days=300))
    assert mails_due(AT) == [row.pk]
    assert send(row.pk, clock())


def test_a_wrong_password_is_no_fault_of_the_mail(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = new_mail(account)
    error = smtplib.SMTPAuthenticationError(535, b"no")
    monkeypatch.setattr(mail, "_deliver", lambda _: (_ for _ in ()).throw(error))
    send(row.pk, clock())
    row.refresh_from_db()
    assert row.status == MailStatus.WAITING


def test_without_a_mail_server_mails_are_files(
    account: Account, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "segmenter.accounts.local_mail.LocalMail"
    settings.SEGMENTER_MAIL_FOLDER = tmp_path / "mail"
    assert send(new_mail(account).pk, clock())
    (path,) = (tmp_path / "mail").iterdir()
    assert "To: anna@b.se" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_rows_of_mails_go_after_a_month(account: Account) -> None:
    row = new_mail(account)
    send(row.pk, clock())
    assert mail.delete_old_mails(AT + timedelta(days=29)) == 0
    assert mail.delete_old_mails(AT + timedelta(days=31)) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp+tls://a%40b:p%2Fw@h:2525", ("h", 2525, "a@b", "p/w", True, False)),
        ("smtps://u:p@h", ("h", 465, "u", "p", False, True)),
    ],
)
def test_the_setting_names_the_server(url: str, expected: tuple[Any, ...]) -> None:
    assert settings_of(url) == expected


@pytest.mark.parametrize("url", ["mail.example", "http://h", "smtp://", "smtp://h:port"])
def test_a_setting_that_is_wrong_is_told_at_the_start(url: str) -> None:
    assert "EMAIL_URL" in settings_of(url)


def settings_of(url: str) -> Any:
    """What a fresh process makes of an EMAIL_URL: its settings, or its error."""
    program = (
        "import json, segmenter.settings as s; print(json.dumps([s.EMAIL_HOST, s.EMAIL_PORT,"
        " s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "EMAIL_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    return tuple(json.loads(result.stdout)) if result.returncode == 0 else result.stderr
