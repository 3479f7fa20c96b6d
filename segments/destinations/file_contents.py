"""What a file destination writes: the request for the file, its name, how many are left there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem
from segments.member_files.file import format_of, safe_name
from segments.member_files.request import ExportRequest, request_from
from segments.models import Destination, Segment

USUAL_NAME = "{segment} {date}"
PLACES = ("segment", "date", "time")
"""What a name can hold in braces; date and time are in the account's zone."""
MOST_NAME = 100
USUAL_KEEP, MOST_KEEP = 7, 100
"""Files that are left at the destination, the newest ones."""
_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class FileContents:
    request: ExportRequest
    name: str = USUAL_NAME
    keep: int = USUAL_KEEP

    def as_json(self) -> dict[str, Any]:
        return {"request": self.request.as_json(), "name": self.name, "keep": self.keep}

    def file_name(self, segment: Segment, at: datetime) -> str:
        """The name of the file of an instant, with the format's suffix."""
        local = at.astimezone(segment.account.zone)
        values = {
            "segment": segment.name,
            "date": local.strftime("%Y-%m-%d"),
            "time": local.strftime("%H-%M"),
        }
        name = safe_name(_PLACE.sub(lambda match: values[match[1]], self.name))
        return f"{name or segment.key}.{format_of(self.request).suffix}"


def contents_from(document: Mapping[str, Any]) -> FileContents:
    """What was written with `as_json`."""
    return FileContents(request_from(document["request"]), document["name"], document["keep"])


def contents_of(destination: Destination) -> FileContents:
    return contents_from(destination.contents)


def check_contents(contents: FileContents) -> None:
    """Raise Invalid for a name or a number that is none."""
    problems = []
    unknown = [place for place in _PLACE.findall(contents.name) if place not in PLACES]
    rest = _PLACE.sub("", contents.name)
    if unknown or "{" in rest or "}" in rest:
        message = gettext("In braces a name can hold: %(places)s.")
        places = ", ".join(f"{{{place}}}" for place in PLACES)
        problems.append(Problem("/name", "invalid", message % {"places": places}))
    elif not contents.name.strip() or len(contents.name) > MOST_NAME:
        message = gettext("A name has 1 to %(most)s characters.") % {"most": MOST_NAME}
        problems.append(Problem("/name", "invalid", message))
    if not 1 <= contents.keep <= MOST_KEEP:
        message = gettext("The number of files to keep is 1 to %(most)s.") % {"most": MOST_KEEP}
        problems.append(Problem("/keep", "invalid", message))
    if problems:
        raise Invalid(*problems)
