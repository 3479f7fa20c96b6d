"""Segments on other pages: the search, a person's page, the uses of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles.lists.editing import uses
from profiles.models import Profile
from profiles.registries.person_cards import PersonCard, person_cards
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.search import Hit, Search, searches
from segments.engine.dependents import Dependent, dependents
from segments.engine.queries import references_to, referring_segments
from segments.engine.watermark import watermark
from segments.models import Membership, Segment


def _find(account_id: int, words: str, limit: int) -> list[Hit]:
    segments = Segment.objects.filter(account_id=account_id, name__icontains=words)
    return [
        Hit(segment.name, reverse("segments:detail", args=[segment.key]))
        for segment in segments.order_by("-is_starred", "-updated", "-pk")[:limit]
    ]


def _of_person(account: Account, profile: Profile) -> dict[str, Any]:
    """The segments of a person by name, each with `entered`; and the other segments."""
    mark = watermark(account, now())
    mine = Membership.objects.filter(account=account, profile=profile)
    entered = mine.filter(segment=OuterRef("pk")).values("entered")[:1]
    everything = Segment.objects.filter(account=account).only("key", "name").order_by("name")
    segments = list(everything.annotate(entered=Subquery(entered)))
    return {
        "watermark": mark,
        "profile": profile,
        "segments": [segment for segment in segments if segment.entered],
        "outside": [segment for segment in segments if not segment.entered],
    }


def _names_of_segments_using(account_id: int, key: str) -> list[str]:
    return [segment.name for segment in referring_segments(account_id, key)]


searches.add("segments", Search(_("Segments"), "segments", 10, _find))


person_cards.add("segments", PersonCard("segments/pages/_of_person.html", 10, _of_person))


uses.add("segments", _names_of_segments_using)


def _segments(account_id: int, segments: Sequence[Segment]) -> Iterator[tuple[int, Dependent]]:
    ids = {segment.key: segment.pk for segment in segments}
    for segment, key in references_to(account_id, ids):
        words = gettext("the segment “%(name)s”") % {"name": segment.name}
        url = reverse("segments:detail", args=[segment.key])
        yield ids[key], Dependent(words, url, is_blocking=True)


dependents.add("segments", _segments)
