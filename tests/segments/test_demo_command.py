"""The demo's shop has segments with members."""

from __future__ import annotations

from itertools import islice

import pytest
from django.core.management import call_command

from profiles.demo import made_up_shop
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import create_account
from segmenter.kernel.clock import now
from segments.engine.build import run_build
from segments.models import Build, Segment

pytestmark = pytest.mark.django_db


def test_segments_of_the_demo_have_members_and_are_saved_once() -> None:
    account = create_account(slug=made_up_shop.ACCOUNT_SLUG, time_zone=made_up_shop.TIME_ZONE)
    at = now()
    ends = at.astimezone(account.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    people = list(made_up_shop.people(size=300, ends=ends))
    ingest_profiles(account=account, records=people, at=at)
    events = made_up_shop.events(size=300, ends=ends)
    while batch := list(islice(events, 10_000)):
        ingest_events(account=account, records=batch, at=at, times=FILE_TIMES)
    call_command("load_demo_segments")
    call_command("load_demo_segments")
    assert Segment.objects.count() == 4
    for build in Build.objects.filter(finished=None):
        run_build(build.pk, at)
    sizes = dict(Segment.objects.values_list("name", "size"))
    assert sizes.pop("Looked today, did not buy") >= 0
    assert min(sizes.values()) > 0, sizes
    assert max(sizes.values()) < 300
