"""What a place for files must be able to do; a file of `stores/` registers each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

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

    @property
    def fixed(self) -> Mapping[str, Any]:
        """Of `member_files.request.ExportRequest`: what leaves people no choice here, if anything;
        such a store has one file, under a name of its own."""

    @property
    def most_rows(self) -> int | None:
        """The most people of a file."""

    def check(self, access: DestinationAccess) -> str:
        """Return what the place is called, if files can be put there with these settings."""

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        """Put a file there under a name, whole or not at all; return where it is.

        It replaces one of that name. Doing it twice is the same as once.
        """

    def delete(self, access: DestinationAccess, name: str) -> None:
        """Delete the file of a name. One that is not there is no error."""


file_stores: Registry[FileStore] = Registry("store of files")
