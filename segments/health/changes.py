"""The queue of changes: how many wait, as of when membership is true, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from profiles import changes
from profiles.models import Profile, ProfileChange
from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, in_words, sections
from segments.engine.rewind import WARNING_PERIOD
from segments.engine.watermark import LATE, Watermark, watermark

MOST_ROWS = 20


def pending_changes(account_ids: list[int] | None = None) -> dict[int, int]:
    """Return account id to the number of pending changes; accounts without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, count(*) FROM profiles_profilechange"
            " WHERE handled IS NULL AND (%s OR account_id = ANY(%s)) GROUP BY account_id",
            [account_ids is None, account_ids or []],
        )
        return dict(cursor.fetchall())


def set_aside(account: Account) -> QuerySet[ProfileChange]:
    """The changes that failed too often, newest first."""
    return (
        ProfileChange.objects.filter(account=account, handled__isnull=False)
        .exclude(error="")
        .order_by("-pk")
    )


def try_again(account: Account, change_id: int | None = None) -> int:
    """Put changes that were set aside into the queue again: one, or all. Returns how many."""
    rows = set_aside(account).order_by()
    if change_id is not None:
        rows = rows.filter(pk=change_id)
    with transaction.atomic():
        count = rows.update(handled=None, tries=0, error="", retry_at=None)
        if count:
            changes.profile_change.call_after_commit(account.pk)
    return count


def _queue(account: Account, at: datetime) -> SectionContent:
    mark = watermark(account, at)
    depth = pending_changes([account.pk]).get(account.pk, 0)
    failed = ProfileChange.objects.filter(account=account, handled=None).exclude(error="").count()
    age = at - mark.oldest if mark.oldest else None
    troubles = []
    if age is not None and age > LATE:
        troubles.append(
            Trouble(
                "warn",
                gettext("Changes wait for longer than a minute."),
                gettext(
                    "After a large import this passes by itself. If their number does not fall,"
                    " see whether a worker runs, and start more of them."
                ),
            )
        )
    if mark.clock_is_late:
        troubles.append(
            Trouble(
                "bad",
                gettext("Time windows have not moved for some minutes."),
                gettext(
                    "Beat gives the sign every minute and a worker follows it: see which of the"
                    " two is silent, and start it."
                ),
            )
        )
    troubles += _went_back(mark)
    context = {
        "watermark": mark,
        "depth": depth,
        "age": in_words(age) if age is not None else "",
        "lag": in_words(mark.lag),
        "clock": in_words(at - mark.clock) if mark.clock else "",
        "failed": failed,
    }
    return SectionContent(context, tuple(troubles))


def _went_back(mark: Watermark) -> list[Trouble]:
    """Warnings about a clock that was ahead, for a day after it went back."""
    advice = gettext(
        "See that NTP sets the clock of the database’s host. Events that were stored meanwhile"
        " without a time of their own keep the wrong one."
    )
    if mark.ahead and not mark.is_repairing:
        what = gettext("The clock went back: segments are being put right.")
        return [Trouble("bad", what, advice)]
    if mark.went_back_at is None or mark.at - mark.went_back_at > WARNING_PERIOD:
        return []
    by = {"by": in_words(mark.went_back_by)}
    if mark.is_repairing:
        what = gettext("The clock went back by %(by)s: segments are being put right.") % by
        return [Trouble("bad", what, advice)]
    what = gettext("The clock went back by %(by)s. Segments have been put right.") % by
    return [Trouble("warn", what, advice)]


@dataclass(frozen=True)
class AsideRow:
    """A change that was set aside, with its person; None if the person no longer exists."""

    change: ProfileChange
    profile: Profile | None


def _aside(account: Account, at: datetime) -> SectionContent:
    changes_aside = set_aside(account)
    total = changes_aside.count()
    first = list(changes_aside[:MOST_ROWS])
    people = Profile.objects.filter(account=account).in_bulk({one.profile_id for one in first})
    rows = [AsideRow(one, people.get(one.profile_id)) for one in first]
    troubles: tuple[Trouble, ...] = ()
    if total:
        troubles = (
            Trouble(
                "bad",
                ngettext(
                    "%(n)s change could not be followed and was set aside.",
                    "%(n)s changes could not be followed and were set aside.",
                    total,
                )
                % {"n": total},
                gettext(
                    "The reason stands below. When it is mended, press “Try again”; the next audit"
                    " sets membership right in any case."
                ),
            ),
        )
    return SectionContent({"rows": rows, "total": total, "more": total - len(rows)}, troubles)


sections.add(
    "queue", Section(_("Membership"), "segments/health/_queue.html", 10, _queue, width="half")
)
sections.add(
    "aside", Section(_("Set aside"), "segments/health/_aside.html", 50, _aside, width="whole")
)
