"""profile-sample: a random part of everyone, always the same people for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from predictions.numerics.experiments.hashing import hashes
from profiles.columns.column import Bools
from profiles.columns.population import Population
from profiles.facts import FactKey
from segmenter.kernel.errors import Problem
from segments.definition import words
from segments.definition.evidence import Evidence, KnownValue
from segments.definition.fields import Number, declare
from segments.definition.tree import Condition, Names, kind

BUCKETS = 10_000


@kind
@dataclass(frozen=True)
class ProfileSample(Condition):
    type: ClassVar[str] = "profile-sample"
    title: ClassVar[str] = _("A random part of everyone")
    icon: ClassVar[str] = "people"
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({"percentage": 10, "seed": 7},)

    percentage: float = declare(Number(least=0, most=100), _("Percent"))
    seed: int | Any = declare(
        Number(least=0, most=2**53, whole=True), _("Seed"), optional=True, nullable=True
    )
    bucket_from: int | Any = declare(
        Number(least=0, most=BUCKETS - 1, whole=True),
        _("From bucket"),
        optional=True,
        nullable=True,
    )

    def mask(self, people: Population, at: datetime) -> Bools:
        first, end = self._range
        numbers = buckets(people.ids, self.seed or 0)
        return (numbers >= first) & (numbers < end)

    @property
    def _range(self) -> tuple[int, int]:
        """The buckets that match, half-open."""
        first = self.bucket_from or 0
        return first, first + round(self.percentage * BUCKETS / 100)

    def reads(self) -> frozenset[FactKey]:
        return frozenset()

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        bucket = int(buckets(one.ids, self.seed or 0)[0])
        first, end = self._range
        ends = {"first": words.number(first), "last": words.number(end - 1)}
        test = gettext("must be from %(first)s to %(last)s") % ends if first < end else ""
        name = gettext("bucket of the sample")
        return Evidence((KnownValue(name, bucket, test, bool(self.mask(one, at)[0])),))

    def sentence(self, names: Names) -> str:
        share = {"percentage": words.number(self.percentage)}
        clause = gettext("who are in a random %(percentage)s%% of everyone") % share
        notes = []
        if self.seed:
            notes.append(gettext("seed %(seed)s") % {"seed": self.seed})
        if self.bucket_from:
            notes.append(gettext("from bucket %(bucket)s") % {"bucket": self.bucket_from})
        return words.with_notes(clause, notes)

    def problems(self) -> Iterator[Problem]:
        if (self.bucket_from or 0) + self.percentage * BUCKETS / 100 > BUCKETS:
            template = gettext("The sample reaches past the last of %(number)s buckets.")
            message = template % {"number": words.number(BUCKETS)}
            yield Problem("/bucket_from", "invalid", message)


def buckets(ids: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """int64[n] in 0..9999: the bucket of each profile id for a seed."""
    return (hashes(ids, seed) % np.uint64(BUCKETS)).astype(np.int64)
