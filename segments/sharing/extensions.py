"""Sharing among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import User
from segmenter.kernel.clock import now
from segments.engine.dependents import Dependent, dependents
from segments.models import PublicLink, Segment
from segments.sharing.public_links import last_day_of
from segments.uses import Use, UseRecord, use_records, uses


def _records(segment: Segment, most: int) -> Iterator[UseRecord]:
    """Each link twice: when it was opened, and when it ended."""
    links = PublicLink.objects.filter(segment=segment)
    links = links.select_related("segment__account", "user", "ended_by")
    at, url = now(), reverse("segments:public-link", args=[segment.key])
    for link in links.order_by("-created", "-pk")[:most]:
        is_expired = link.expires is not None and link.expires <= at
        end = link.ended or (link.expires if is_expired else None)
        yield UseRecord(
            _("Public link"),
            _until(link),
            _("Opened") if end else _("Open"),
            "" if end else "good",
            link.created,
            _name(link.user),
            url,
        )
        if end:
            day = date_format(link.created, gettext("j M Y"))
            text = gettext("opened on %(day)s") % {"day": day}
            yield UseRecord(_("Public link"), text, _("Ended"), "", end, _name(link.ended_by), url)


def _until(link: PublicLink) -> str:
    day = last_day_of(link)
    text = (
        gettext("until %(day)s") % {"day": date_format(day, gettext("j M Y"))}
        if day
        else gettext("without an end")
    )
    return (
        gettext("%(text)s, with the conditions") % {"text": text} if link.shows_conditions else text
    )


def _name(user: User | None) -> str:
    return str(user) if user else ""


uses.add(
    "share",
    Use(
        _("Share the definition"),
        _("A link or a file from which another account can make the same segment."),
        "globe",
        "segments:share",
        90,
    ),
)
uses.add(
    "public_link",
    Use(
        _("Public link"),
        _("A page with the count and the growth, for people who do not sign in."),
        "screen",
        "segments:public-link",
        95,
    ),
)
use_records.add("public_links", _records)


def _links(account_id: int, segments: Sequence[Segment]) -> Iterator[tuple[int, Dependent]]:
    keys = {segment.pk: segment.key for segment in segments}
    rows = PublicLink.objects.filter(segment__account=account_id, segment__in=keys, ended=None)
    rows = rows.exclude(expires__lte=now()).order_by("pk")
    for segment_id in rows.values_list("segment_id", flat=True):
        url = reverse("segments:public-link", args=[keys[segment_id]])
        yield segment_id, Dependent(gettext("a public link"), url)


dependents.add("public_links", _links)
