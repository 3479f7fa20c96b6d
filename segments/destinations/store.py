"""What a place for files must be able to do; a file of `stores/` registers each."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from django.utils.functional import Promise

from segmenter.kernel.registry import Registry
from segments.destinations.kind import DestinationAccess
from segments.engine.remote_call import ApiField


class FileStore(Protocol):
    """A place for files. All methods may raise TryAgain or NeedsAttention."""

    @property
    def label(self) -> str | Promise: ...
    @property
    def text(self) -> str | Promise:
        """One sentence about what is put there."""

    @property
    def rank(self) -> int:
        """Smaller is higher on the page."""

    @property
    def fields(self) -> tuple[ApiField, ...]:
        """What a person has to enter."""

    def check(self, access: DestinationAccess) -> str:
        """Return what the place is called, if files can be put there with these settings."""

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        """Put a file there under a name, whole or not at all; return where it is."""


file_stores: Registry[FileStore] = Registry("store of files")
