"""What pages and commands say of samples. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.engine.queries import Inventory
from segments.models import Sample, SampleGroup, Segment


def get_sample(account: Account, segment: Segment, key: str) -> Sample:
    """Return a sample of a segment by its key. Raises NotFound."""
    samples = Sample.objects.filter(account=account, segment=segment)
    sample = samples.select_related("user", "excluding").filter(key=key).first()
    if sample is None:
        raise NotFound("The sample")
    return sample


def sample_of_list(account: Account, name: str) -> Sample:
    """Return the sample whose group is on the list of this name. Raises NotFound."""
    group = (
        SampleGroup.objects.filter(sample__account=account, list__name=name.strip())
        .select_related("sample")
        .first()
    )
    if group is None:
        raise NotFound(f"A sample on the list {name!r}")
    return group.sample


def definition_sentence(sample: Sample) -> str:
    """Say in a sentence what the segment meant when the sample was drawn; empty if unreadable."""
    if sample.definition is None:
        return ""
    try:
        return describe(decode(sample.definition), Inventory(sample.account))
    except Invalid:
        return ""


def people_of(groups: Sequence[SampleGroup]) -> int:
    """How many people were drawn into some groups together."""
    return sum(group.size or 0 for group in groups)


def sample_facts(sample: Sample) -> dict[str, Any]:
    """Return a finished sample as programs read it (docs/samples.md)."""
    groups = list(sample.groups.select_related("list").order_by("place"))
    people = people_of(groups)
    channels = sorted({channel for group in groups for channel in group.reachable})
    return {
        "sample": sample.key,
        "segment": sample.segment_name,
        "segment_id": sample.segment.key if sample.segment and not sample.segment.deleted else None,
        "version": sample.version,
        "drawn": sample.drawn.isoformat() if sample.drawn else None,
        "seed": sample.seed,
        "channel": sample.channel or None,
        "stratify": sample.stratify or None,
        "size": sample.size,
        "eligible": sample.eligible,
        "people": people,
        "reachable": {
            channel: sum(group.reachable.get(channel, 0) for group in groups)
            for channel in channels
        },
        "lists": [
            {
                "list": group.list_name,
                "list_id": group.list.key if group.list else None,
                "group": group.name or None,
                "control": group.is_control,
                "people": group.size,
                "reachable": group.reachable,
            }
            for group in groups
        ],
        "left": (sample.eligible or 0) - people,
    }
