"""Long work: builds of segments, segments that cannot be built, and imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from profiles.imports.jobs import STALE
from profiles.models import ImportJob, ImportStatus
from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, in_words, sections
from segments.engine.build_queue import LEASE
from segments.models import Build, Segment, SegmentStatus

LEAST_SHARE = 0.02
"""The part of the people that must be done before the remaining time is estimated."""
LEAST_TIME = timedelta(seconds=1)
MOST_ROWS = 20


@dataclass(frozen=True)
class BuildRow:
    """An unfinished build."""

    build: Build
    left: str
    """The remaining time in words; empty if it is unknown."""
    is_silent: bool


def time_left(build: Build, at: datetime) -> timedelta | None:
    """Estimate the remaining time of a build from its speed so far; None if it is too early.

    The estimate grows while a build makes no progress.
    """
    if build.started is None or not build.people_total or not build.people_done:
        return None
    took = at - build.started
    if took < LEAST_TIME or build.people_done < LEAST_SHARE * build.people_total:
        return None
    remaining = max(build.people_total - build.people_done, 0)
    return took * (remaining / build.people_done)


def _build_row(build: Build, at: datetime) -> BuildRow:
    left = time_left(build, at)
    silent = build.heartbeat is not None and build.heartbeat < at - LEASE
    return BuildRow(build, "" if left is None or silent else in_words(left), silent)


def _builds(account: Account, at: datetime) -> SectionContent:
    under_way = Build.objects.filter(account=account, finished=None).select_related("segment")
    rows = [_build_row(build, at) for build in under_way.order_by("created")[:MOST_ROWS]]
    frozen = Segment.objects.filter(account=account, status=SegmentStatus.FROZEN).order_by("name")
    stuck = list(frozen[:MOST_ROWS])
    troubles = []
    silent = sum(row.is_silent for row in rows)
    if silent:
        troubles.append(
            Trouble(
                "warn",
                ngettext(
                    "The worker of %(n)s build has fallen silent.",
                    "The workers of %(n)s builds have fallen silent.",
                    silent,
                )
                % {"n": silent},
                gettext("Another worker goes on where it was, within a minute, if one runs."),
            )
        )
    if stuck:
        total = frozen.count()
        troubles.append(
            Trouble(
                "warn",
                ngettext(
                    "%(n)s segment is frozen: its definition cannot be evaluated.",
                    "%(n)s segments are frozen: their definitions cannot be evaluated.",
                    total,
                )
                % {"n": total},
                gettext("Open and edit what is frozen: something that it refers to is gone."),
            )
        )
    return SectionContent({"rows": rows, "frozen": stuck}, tuple(troubles))


@dataclass(frozen=True)
class ImportRow:
    """An import that waits or runs."""

    job: ImportJob
    percent: int
    is_silent: bool


def _imports(account: Account, at: datetime) -> SectionContent:
    under_way = ImportJob.objects.filter(
        account=account, status__in=[ImportStatus.WAITING, ImportStatus.RUNNING]
    )
    rows = [
        ImportRow(
            job,
            int(100 * job.bytes_read / job.bytes_total) if job.bytes_total else 0,
            job.heartbeat is not None and job.heartbeat < at - STALE,
        )
        for job in under_way.order_by("created")[:MOST_ROWS]
    ]
    silent = sum(row.is_silent for row in rows)
    troubles: tuple[Trouble, ...] = ()
    if silent:
        troubles = (
            Trouble(
                "warn",
                ngettext(
                    "The worker of %(n)s import has fallen silent.",
                    "The workers of %(n)s imports have fallen silent.",
                    silent,
                )
                % {"n": silent},
                gettext("Another worker goes on where it was, within a minute, if one runs."),
            ),
        )
    return SectionContent({"rows": rows}, troubles)


sections.add(
    "builds", Section(_("Builds"), "segments/health/_builds.html", 30, _builds, width="half")
)
sections.add(
    "imports", Section(_("Imports"), "segments/health/_imports.html", 40, _imports, width="half")
)
