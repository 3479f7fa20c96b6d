"""The words that segments are sorted by."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
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
