"""The words that segments are sorted by."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segments.models import Segment, Tag

MOST_TAGS = 20
_MOST_LETTERS = 60


def read_tags(texts: Iterable[str]) -> list[str]:
    """The names of tags, each once, in the order given. Raises Invalid for too many or too long."""
    names = list(dict.fromkeys(filter(None, (" ".join(text.split()) for text in texts))))
    if len(names) > MOST_TAGS:
        raise Invalid(
            Problem(
                "/tags",
                "too_many",
                gettext("A segment has at most %(most)s tags.") % {"most": MOST_TAGS},
            )
        )
    if any(len(name) > _MOST_LETTERS for name in names):
        message = gettext("A tag has at most %(most)s characters.") % {"most": _MOST_LETTERS}
        raise Invalid(Problem("/tags", "invalid", message))
    return names


@transaction.atomic
def set_tags(*, account: Account, segment: Segment, names: Iterable[str]) -> None:
    """Give a segment exactly these tags; delete tags that no segment has any more."""
    tags = list(names)
    Tag.objects.bulk_create(
        [Tag(account=account, name=name) for name in tags], ignore_conflicts=True
    )
    segment.tags.set(Tag.objects.filter(account=account, name__in=tags))
    Tag.objects.filter(account=account, segments=None).delete()


def add_tag(*, account: Account, segments: Iterable[Segment], name: str) -> None:
    """Give segments one more tag. Raises Invalid for a bad name, or if one has too many."""
    for segment in segments:
        names = [tag.name for tag in segment.tags.all()]
        set_tags(account=account, segment=segment, names=read_tags([*names, *_one(name)]))


def remove_tag(*, account: Account, segments: Iterable[Segment], name: str) -> None:
    """Take a tag from segments. Raises Invalid for no name."""
    (clean,) = _one(name)
    for segment in segments:
        names = [tag.name for tag in segment.tags.all() if tag.name != clean]
        set_tags(account=account, segment=segment, names=names)


def rename_tag(*, tag: Tag, name: str) -> None:
    """Give a tag another name. Raises Invalid for a bad one, Conflict for one that exists."""
    (tag.name,) = _one(name)
    try:
        with transaction.atomic():
            tag.save(update_fields=["name"])
    except IntegrityError:
        message = gettext("There is a tag “%(name)s” already.") % {"name": tag.name}
        raise Conflict(Problem("/name", "duplicate", message)) from None


def delete_tag(tag: Tag) -> None:
    """Delete a tag; the segments stay."""
    Tag.objects.filter(pk=tag.pk).delete()


def _one(name: str) -> list[str]:
    names = read_tags([name])
    if not names:
        raise Invalid(Problem("/name", "required", gettext("A tag needs a name.")))
    return names
