"""The state of a segment when its editing began, so that a save cannot undo changes of others.

Pages carry a signed revision, drafts store one. `save_segment` compares it under the segment's
lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext

from segmenter.kernel.errors import Conflict, Problem
from segments.models import Segment, SegmentVersion

_SALT = "segments.revision"


class EditConflict(Conflict):
    """The segment has changed since its editing began, or was deleted."""

    def __init__(self) -> None:
        message = gettext("The segment was changed while you were editing it.")
        super().__init__(Problem("", "changed", message))


@dataclass(frozen=True)
class Revision:
    """A segment's definition (by its version), name, tags and activity at one moment."""

    account: str
    segment: str
    version: int
    name: str
    tags: tuple[str, ...]
    is_active: bool

    @classmethod
    def of(cls, segment: Segment) -> Revision:
        """The state of the segment as its row was read."""
        return cls(
            segment.account.slug,
            segment.key,
            segment.version,
            segment.name,
            tuple(sorted(tag.name for tag in segment.tags.all())),
            segment.is_active,
        )

    @property
    def signed(self) -> str:
        """A text for a form, which cannot be forged."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)

    @property
    def as_json(self) -> dict[str, Any]:
        """JSON for a draft."""
        return {**asdict(self), "tags": list(self.tags)}


def read_signed(text: str) -> Revision | None:
    """The revision of a form; None if its signature is invalid."""
    try:
        return read_revision(signing.loads(text, salt=_SALT))
    except signing.BadSignature:
        return None


def read_revision(document: Any) -> Revision | None:
    """The revision of a draft; None if the JSON is not one."""
    if not isinstance(document, Mapping):
        return None
    try:
        revision = Revision(**{**document, "tags": tuple(document["tags"])})
    except (KeyError, TypeError):
        return None
    types = zip(asdict(revision).values(), (str, str, int, str, tuple, bool), strict=True)
    return revision if all(isinstance(value, type_) for value, type_ in types) else None


def definition_at(segment: Segment, revision: Revision) -> Any:
    """The segment's definition at that revision; None if the version is unknown."""
    versions = SegmentVersion.objects.filter(segment=segment, number=revision.version)
    return versions.values_list("definition", flat=True).first()


def has_changed(segment: Segment, revision: Revision) -> bool:
    """Whether the segment's name or definition changed, or it was deactivated."""
    if segment.key != revision.segment or segment.name != revision.name:
        return True
    if revision.is_active and not segment.is_active:
        return True
    return segment.version != revision.version and (
        definition_at(segment, revision) != segment.definition
    )
