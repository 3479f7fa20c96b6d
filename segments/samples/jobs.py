"""The life of a sample: asked for, drawn by a worker, put on its lists in steps, ended once.

Who is drawn is written down (`SamplePart`) in one transaction with the instant it is true of. Then
each part is put on its list in one transaction with its removal. A worker that takes over goes on
with the same people, so nobody is drawn twice and no list gets anybody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from profiles.lists.editing import create_list, delete_list, fill_list
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import ApplicationError, Conflict, Problem
from segmenter.kernel.hook import Hook
from segmenter.kernel.leases import stale
from segments.engine.reachable import MARKETING_CHANNELS
from segments.models import Sample, SampleGroup, SamplePart, SampleStatus, Segment
from segments.samples.design import SampleDesign, default_seed, list_name_of, property_path
from segments.samples.drawing import check_ready, eligible, groups_of, roll_of

LEASE = timedelta(seconds=60)
"""A sample whose worker has been silent for so long is taken over."""
RENEWED = timedelta(seconds=10)
"""How long a worker that only reads waits between two heartbeats."""
TRIES = 5
"""How often a sample may be taken over without getting further."""
BATCH = 10_000
"""People who are put on a list in one transaction."""

sample_start = Hook[[int]]()
"""Called with a sample's id when it waits for a worker; a lost call does no harm."""

log = logging.getLogger(__name__)


class SampleLeaseLost(Exception):
    """Another worker has taken the sample over, or it has ended."""


class SampleLease:
    """A worker's right to draw a sample: good as long as its heartbeat is the last one written."""

    def __init__(self, sample_id: int, heartbeat: datetime) -> None:
        self.sample_id = sample_id
        self._heartbeat = heartbeat

    def renew(self, at: datetime, **changes: object) -> None:
        """Write a heartbeat, and changes of the sample with it. Raises SampleLeaseLost."""
        rows = Sample.objects.filter(
            pk=self.sample_id, status=SampleStatus.RUNNING, heartbeat=self._heartbeat
        )
        if not rows.update(heartbeat=at, **changes):
            raise SampleLeaseLost
        self._heartbeat = at

    def renew_if_due(self, at: datetime) -> None:
        if abs(at - self._heartbeat) >= RENEWED:
            self.renew(at)


def ask_for_sample(
    *,
    account: Account,
    user: User | None,
    segment: Segment,
    list_name: str,
    design: SampleDesign,
    at: datetime,
) -> Sample:
    """Make the lists of a sample, still empty, and have a worker draw it.

    Raises Invalid for what cannot be, Conflict for a list's name that is taken and for a segment
    that is not ready; then nothing is made.
    """
    design.check()
    check_ready(segment)
    if design.excluding is not None and design.excluding.status != SampleStatus.DONE:
        message = _("The sample is not drawn yet, so nobody knows who is not in it.")
        raise Conflict(Problem("", "not_drawn", message))
    with transaction.atomic():
        sample = Sample.objects.create(
            account=account,
            segment=segment,
            segment_name=segment.name,
            number=design.number,
            percent=design.percent,
            at_least=design.at_least,
            seed=default_seed(segment.key, list_name) if design.seed is None else design.seed,
            stratify=property_path(design.stratify) or "",
            channel=design.channel,
            excluding=design.excluding,
            user=user,
            created=at,
            heartbeat=at,
        )
        for place, group in enumerate(design.groups):
            group_list = create_list(account=account, name=list_name_of(list_name, group), at=at)
            SampleGroup.objects.create(
                sample=sample,
                place=place,
                name=group.name,
                weight=group.weight,
                is_control=group.is_control,
                list=group_list,
                list_name=group_list.name,
            )
        sample_start.call_after_commit(sample.pk)
    return sample


def claim(sample_id: int, at: datetime) -> SampleLease | None:
    """Take a sample that waits, or whose worker is silent; None if there is nothing to do."""
    with transaction.atomic():
        free = Q(status=SampleStatus.WAITING) | stale("heartbeat", at, LEASE)
        rows = Sample.objects.select_for_update(skip_locked=True)
        sample = rows.filter(free, pk=sample_id, finished=None).first()
        if sample is None:
            return None
        sample.status, sample.heartbeat, sample.tries = SampleStatus.RUNNING, at, sample.tries + 1
        sample.save(update_fields=["status", "heartbeat", "tries"])
    lease = SampleLease(sample_id, at)
    if sample.tries > TRIES:
        message = _("Given up: its worker went away %(n)d times.") % {"n": TRIES}
        _fail(sample, lease, f"{message} {sample.error}".strip(), at)
        return None
    return lease


def run_sample(sample_id: int, clock: Callable[[], datetime]) -> None:
    """Draw a sample and fill its lists, or what is left of that, unless another worker does."""
    lease = claim(sample_id, clock())
    if lease is None:
        return
    sample = Sample.objects.select_related("account").get(pk=sample_id)
    try:
        if sample.drawn is None:
            _draw(sample, lease, clock)
        _fill_lists(sample, lease, clock)
        lease.renew(clock(), status=SampleStatus.DONE, finished=clock(), error="")
    except SampleLeaseLost:
        log.info("sample %s is in other hands", sample_id)
    except ApplicationError as error:
        words = " ".join(problem.message for problem in error.problems)
        _fail(sample, lease, words, clock())
    except Exception as error:
        # It stays "running" and is taken over in a minute: time for what is broken to mend.
        words = f"{type(error).__name__}: {error}".split("\n", 1)[0]
        Sample.objects.filter(pk=sample_id, status=SampleStatus.RUNNING).update(error=words)
        raise


def _draw(sample: Sample, lease: SampleLease, clock: Callable[[], datetime]) -> None:
    """Decide who is in which group and write it down, with what the segment was then."""
    if sample.segment_id is None:
        raise Conflict(Problem("", "gone", _("The segment was deleted.")))
    groups = list(sample.groups.order_by("place"))
    roll = roll_of(
        sample.account,
        sample.segment_id,
        channel=sample.channel,
        stratify=sample.stratify,
        clock=clock,
        progress=lambda: lease.renew_if_due(clock()),
    )
    ids = eligible(sample, roll)
    people_by_group = groups_of(sample, groups, roll, ids)
    with transaction.atomic():
        sample.drawn = roll.at
        lease.renew(
            clock(),
            tries=0,
            segment_name=roll.segment.name,
            version=roll.segment.version,
            definition=roll.segment.definition,
            drawn=roll.at,
            size=len(roll.ids),
            eligible=len(ids),
        )
        for group, people in zip(groups, people_by_group, strict=True):
            group.size = len(people)
            group.reachable = {
                channel: roll.count(channel, people) for channel in MARKETING_CHANNELS
            }
            group.save(update_fields=["size", "reachable"])
            SamplePart.objects.bulk_create(
                SamplePart(group=group, profiles=people[start : start + BATCH].tolist())
                for start in range(0, len(people), BATCH)
            )


def _fill_lists(sample: Sample, lease: SampleLease, clock: Callable[[], datetime]) -> None:
    """Put the people of each part on its list, dated when they were drawn."""
    assert sample.drawn is not None
    parts = SamplePart.objects.filter(group__sample=sample).order_by("pk")
    for part_id in list(parts.values_list("pk", flat=True)):
        with transaction.atomic():
            part = parts.select_related("group__list").get(pk=part_id)
            if part.group.list is None:
                message = _("The list “%(name)s” was deleted meanwhile.")
                raise Conflict(Problem("", "gone", message % {"name": part.group.list_name}))
            fill_list(
                account=sample.account,
                key=part.group.list.key,
                profile_ids=part.profiles,
                at=sample.drawn,
            )
            part.delete()
            lease.renew(clock(), tries=0)


def _fail(sample: Sample, lease: SampleLease, message: str, at: datetime) -> None:
    """End a sample that cannot be drawn. Half a sample would be a wrong one: its lists go."""
    try:
        with transaction.atomic():
            lease.renew(at, status=SampleStatus.FAILED, finished=at, error=message)
            SamplePart.objects.filter(group__sample=sample).delete()
            for group in sample.groups.select_related("list"):
                if group.list is not None:
                    _delete(sample.account, group.list.key, at)
    except SampleLeaseLost:
        log.info("sample %s failed, but is in other hands", sample.pk)


def _delete(account: Account, key: str, at: datetime) -> None:
    try:
        delete_list(account=account, key=key, at=at)
    except Conflict:
        log.warning("the list %s of a failed sample is in use already", key)


def waiting_samples(at: datetime) -> list[int]:
    """Return the samples whose message was lost or whose worker is silent, for the sweep."""
    waiting = Q(status=SampleStatus.WAITING) & stale("heartbeat", at, timedelta(seconds=5))
    late = waiting | stale("heartbeat", at, LEASE)
    unfinished = Sample.objects.filter(finished=None)
    sample_ids = list(unfinished.filter(late).values_list("pk", flat=True))
    # One message at a time: the next sweep that finds it still waiting sends another.
    unfinished.filter(pk__in=sample_ids, status=SampleStatus.WAITING).update(heartbeat=at)
    return sample_ids
