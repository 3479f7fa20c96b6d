"""The mail backend where no mail server is set: mails are files, and a line in the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from segmenter.kernel.clock import now
from segmenter.kernel.keys import new_key

_log = logging.getLogger(__name__)


class LocalMail(BaseEmailBackend):
    """Keeps each mail as an .eml file in SEGMENTER_MAIL_FOLDER and prints its text."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.SEGMENTER_MAIL_FOLDER)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            path = folder / f"{now():%Y%m%d-%H%M%S}-{new_key()}.eml"
            path.write_bytes(message.message().as_bytes())
            path.chmod(0o600)
            recipients = ", ".join(message.to)
            _log.warning("Mail to %s, kept as %s: %s", recipients, path, message.body)
        return len(email_messages)
