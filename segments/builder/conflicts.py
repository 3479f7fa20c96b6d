"""What somebody else did to a segment while it was edited here, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.engine.queries import Inventory
from segments.engine.revisions import Revision, definition_at, has_changed
from segments.models import Segment, SegmentVersion


@dataclass(frozen=True)
class Difference:
    """What something was when the editing began, and what it is now."""

    before: str
    now: str


@dataclass(frozen=True)
class Meanwhile:
    """A change of a segment under an edit. `now` is what the segment is, None if it is deleted."""

    name: str
    now: Revision | None
    who: str = ""
    when: datetime | None = None
    names: Difference | None = None
    sentences: Difference | None = None
    is_deactivated: bool = False

    @property
    def is_deleted(self) -> bool:
        return self.now is None


def meanwhile(
    account: Account, segment: Segment | None, revision: Revision | None
) -> Meanwhile | None:
    """What was done to a segment since a revision of it; None if it says the same as then."""
    if revision is None:
        return None
    if segment is None:
        return Meanwhile(revision.name, None)
    if not has_changed(segment, revision):
        return None
    then, names, sentences = definition_at(segment, revision), None, None
    who, when = segment.editor, segment.edited
    if segment.name != revision.name:
        names = Difference(revision.name, segment.name)
    if then != segment.definition:
        sentences = Difference(_sentence(account, then), _sentence(account, segment.definition))
        newest = SegmentVersion.objects.filter(segment=segment, number=segment.version)
        version = newest.select_related("user").first()
        if version is not None and names is None:
            who, when = version.user, version.at
    is_deactivated = revision.is_active and not segment.is_active
    if names is None and sentences is None:
        who, when = None, None  # no name is stored of who switched it off
    return Meanwhile(
        segment.name,
        Revision.of(segment),
        str(who) if who else "",
        when,
        names,
        sentences,
        is_deactivated,
    )


def _sentence(account: Account, definition: Any) -> str:
    try:
        return describe(decode(definition), Inventory(account))
    except Invalid:
        return gettext("A definition that cannot be read.")
