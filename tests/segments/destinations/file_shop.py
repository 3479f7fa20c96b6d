"""A destination that puts files into a store of this process, which can fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from segments.destinations.file_contents import FileContents
from segments.destinations.kind import DestinationAccess
from segments.destinations.store import file_stores
from segments.engine.remote_call import ApiField, TryAgain
from segments.member_files.request import ExportRequest
from segments.models import Destination, Schedule, Segment
from tests.segments.destinations.receiver import Killed
from tests.segments.destinations.shop import new_destination


class Shelf:
    """A store of files. `faults` are taken in turn, one a call: "before" and "after" it is done,
    "killed before" and "killed after"; "" for none. `meanwhile` is called in each `put`."""

    label, text, rank = "Shelf", "A store for tests.", 1
    fields: tuple[ApiField, ...] = ()
    fixed: Mapping[str, Any] = {}
    most_rows: int | None = None

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def check(self, access: DestinationAccess) -> str:
        return "The shelf"

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        content = path.read_bytes()
        self._do(lambda: self.files.update({name: content}))
        self.meanwhile()
        return f"shelf:{name}"

    def delete(self, access: DestinationAccess, name: str) -> None:
        self._do(lambda: self.files.pop(name, None))

    def _do(self, action: Callable[[], object]) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "killed before":
            raise Killed
        if fault == "before":
            raise TryAgain("The shelf is away.")
        action()
        if fault == "killed after":
            raise Killed
        if fault == "after":
            raise TryAgain("The shelf is away.")


def install(shelf: Shelf) -> None:
    file_stores.add("shelf", shelf)


def take_away() -> None:
    del file_stores._entries["shelf"]


def new_file_destination(
    segment: Segment,
    *,
    name: str = "{segment} {date} {time}",
    keep: int = 3,
    request: ExportRequest | None = None,
    **changed: Any,
) -> Destination:
    contents = FileContents(request or ExportRequest(("email",)), name, keep)
    values: dict[str, Any] = {"schedule": Schedule.HOURLY, "contents": contents.as_json()}
    return new_destination(segment, "shelf", **values | changed)
