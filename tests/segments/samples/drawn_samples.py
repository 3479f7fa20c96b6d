"""Samples that are drawn at once, for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from segmenter.accounts.models import Account
from segments.models import (
    Sample,
    SampleStatus,
    Segment,
)
from segments.samples import jobs
from segments.samples.design import SampleDesign, split_groups
from segments.samples.jobs import ask_for_sample, run_sample
from tests.fixtures.cast import AT
from tests.segments.samples.crowds import crowd

THREE = split_groups("A,B,control")
Clock = Callable[[], datetime]


def at(seconds: float = 0) -> Clock:
    """A fixed clock, `seconds` after AT."""
    return lambda: AT + timedelta(seconds=seconds)


def new_sample(segment: Segment, name: str = "Test", **design: Any) -> Sample:
    """A sample that waits."""
    return ask_for_sample(
        account=segment.account,
        user=None,
        segment=segment,
        list_name=name,
        design=SampleDesign(**{"number": 10} | design),
        at=AT,
    )


def drawn_sample(segment: Segment, name: str = "Test", **design: Any) -> Sample:
    """A sample that was drawn."""
    sample = new_sample(segment, name, **design)
    run_sample(sample.pk, at())
    sample.refresh_from_db()
    assert sample.status == SampleStatus.DONE, sample.error
    return sample


@pytest.fixture
def segment(account: Account) -> Segment:
    return crowd(account, 60)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of four people, and no worker but those that tests are."""
    monkeypatch.setattr(jobs, "BATCH", 4)
    monkeypatch.setattr(jobs.sample_start, "subscribers", [])
