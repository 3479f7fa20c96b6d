"""What a store is given in tests, and files to put there."""

from __future__ import annotations

from pathlib import Path

from segmenter.accounts.models import Account
from segments.destinations.kind import DestinationAccess


def access_to(
    account: Account | None, settings: dict[str, str], secrets: dict[str, str] | None = None
) -> DestinationAccess:
    return DestinationAccess(settings, secrets or {}, account.pk if account else 0)


def new_file(folder: Path, content: bytes = b"email\r\nanna@example.com\r\n") -> Path:
    path = folder / "content"
    path.write_bytes(content)
    return path
