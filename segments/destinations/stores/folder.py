"""A folder of the machine that the worker runs on, below the one that the operator allows.

Every account has a folder of its own there, named by its slug.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segments.destinations.kind import DestinationAccess
from segments.destinations.store import file_stores
from segments.engine.remote_call import ApiField, NeedsAttention, TryAgain

MOST_PATH = 200
"""Characters of the folder that a person enters."""


class FolderStore:
    label = _("Folder")
    text = _("A folder on the server, for programs that run beside Segmenter.")
    rank = 10
    fixed: Mapping[str, Any] = {}
    most_rows = None
    fields = (
        ApiField(
            "folder",
            _("Folder"),
            _("Below the account's own folder, as reports/daily; empty for that folder itself."),
            is_required=False,
        ),
    )

    def check(self, access: DestinationAccess) -> str:
        folder = _folder(access)
        probe = folder / f".{uuid4().hex}"
        try:
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise NeedsAttention(_words(error)) from None
        return str(folder)

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        folder = _folder(access)
        place, part = folder / name, folder / f".{uuid4().hex}.part"
        try:
            with open(part, "xb") as file, open(path, "rb") as content:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, place)
        except OSError as error:
            raise TryAgain(_words(error)) from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return str(place)

    def delete(self, access: DestinationAccess, name: str) -> None:
        try:
            (_folder(access) / name).unlink(missing_ok=True)
        except OSError as error:
            raise TryAgain(_words(error)) from None


def _folder(access: DestinationAccess) -> Path:
    """The folder, which is there then. Raises NeedsAttention unless it lies in the account's."""
    if not settings.SEGMENTER_DESTINATION_FOLDER:
        raise NeedsAttention(
            gettext(
                "No folder is allowed on this server. Its operator can set "
                "SEGMENTER_DESTINATION_FOLDER."
            )
        )
    text = access.settings.get("folder", "").strip()
    parts = PurePosixPath(text).parts
    if len(text) > MOST_PATH or not text.isprintable() or "\\" in text:
        raise NeedsAttention(gettext("This is no name of a folder."))
    if text.startswith("/") or any(part in (".", "..") for part in text.split("/")):
        raise NeedsAttention(
            gettext("The folder must lie below the account's own: no / before it, no dots.")
        )
    slug = Account.objects.values_list("slug", flat=True).get(pk=access.account_id)
    try:
        own = Path(settings.SEGMENTER_DESTINATION_FOLDER).resolve(strict=True) / slug
        folder = own.joinpath(*parts)
        if not folder.resolve().is_relative_to(own):  # a link may lead elsewhere
            raise NeedsAttention(gettext("The folder leads out of the account's own."))
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise NeedsAttention(_words(error)) from None
    return folder


def _words(error: Exception) -> str:
    """The system's words, without paths of the machine."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


file_stores.add("folder", FolderStore())
