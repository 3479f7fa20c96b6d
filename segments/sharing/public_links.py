"""Public links of segments: made, renewed and ended by marketers, found by their tokens.

The token is stored twice. By its digest a page is found: the look-up compares no secret, and takes
as long for a wrong token as for one that has ended. Encrypted, it is shown again to marketers. So
a copy of the database opens no page.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import User
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segmenter.kernel.keys import digest, new_secret
from segmenter.kernel.secrets import UnreadableSecret, decrypt, encrypt, secret_columns
from segments.engine.growth import start_of_day
from segments.models import PublicLink, Segment

secret_columns.add("public links", ("segments_publiclink", "token"))


def open_link(segment: Segment, at: datetime) -> PublicLink | None:
    """Return the segment's link that works at an instant, if its segment is active."""
    links = PublicLink.objects.filter(segment=segment, ended=None).select_related("user")
    link = links.first()
    return link if link is not None and not _is_over(link, at) else None


def find_public_link(token: str, at: datetime) -> PublicLink | None:
    """Return the link with this token, with segment and account; None if nobody may follow it."""
    links = PublicLink.objects.select_related("segment__account")
    link = links.filter(digest=digest(token)).first()
    if link is None or link.ended is not None or _is_over(link, at):
        return None
    return link if link.segment.is_active and link.segment.deleted is None else None


def _is_over(link: PublicLink, at: datetime) -> bool:
    return link.expires is not None and link.expires <= at


def token_of(link: PublicLink) -> str:
    """Return the link's token; "" if the key that encrypted it was taken away."""
    try:
        return decrypt(link.token)
    except UnreadableSecret:
        return ""


def last_day_of(link: PublicLink) -> date | None:
    """Return the last day on which the link works, in the account's zone."""
    if link.expires is None:
        return None
    return (link.expires - timedelta(microseconds=1)).astimezone(link.segment.account.zone).date()


def save_link(
    segment: Segment,
    *,
    shows_conditions: bool,
    last_day: date | None,
    user: User | None,
    at: datetime,
) -> PublicLink:
    """Open a link, or change what the open one shows and until when. Raises Invalid."""
    expires = None
    if last_day is not None:
        expires = start_of_day(last_day + timedelta(days=1), segment.account.zone)
        if expires <= at:
            message = _("This day is over: choose a later one, or none.")
            raise Invalid(Problem("/last_day", "invalid", message))
    with transaction.atomic():
        link = _lock(segment, at)
        if link is None:
            return _create(segment, shows_conditions, expires, user, at)
        link.shows_conditions, link.expires = shows_conditions, expires
        link.save(update_fields=["shows_conditions", "expires"])
        return link


def renew_link(segment: Segment, *, user: User | None, at: datetime) -> PublicLink:
    """End the open link and open another one that shows the same. Raises Conflict without one."""
    with transaction.atomic():
        link = _lock(segment, at)
        if link is None:
            message = _("There is no public link any more: somebody ended it, or its time is over.")
            raise Conflict(Problem("", "no_link", message))
        _end(link, user, at)
        return _create(segment, link.shows_conditions, link.expires, user, at)


def end_link(segment: Segment, *, user: User | None, at: datetime) -> bool:
    """End the open link; False if there is none."""
    with transaction.atomic():
        link = _lock(segment, at)
        if link is None:
            return False
        _end(link, user, at)
        return True


def _lock(segment: Segment, at: datetime) -> PublicLink | None:
    """The open link, with the segment locked; one whose time is over ends now."""
    Segment.objects.select_for_update().get(pk=segment.pk)
    link = PublicLink.objects.filter(segment=segment, ended=None).first()
    if link is None or not _is_over(link, at):
        return link
    _end(link, None, link.expires or at)
    return None


def _create(
    segment: Segment,
    shows_conditions: bool,
    expires: datetime | None,
    user: User | None,
    at: datetime,
) -> PublicLink:
    token = new_secret()
    return PublicLink.objects.create(
        segment=segment,
        digest=digest(token),
        token=encrypt(token),
        shows_conditions=shows_conditions,
        expires=expires,
        user=user,
        created=at,
    )


def _end(link: PublicLink, user: User | None, at: datetime) -> None:
    link.ended, link.ended_by, link.token = at, user, ""
    link.save(update_fields=["ended", "ended_by", "token"])
