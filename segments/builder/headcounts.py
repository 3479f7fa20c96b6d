"""How many people each of the first suggestions means, as far as the time allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any

import numpy as np

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from segments.builder.suggestions import Suggestion, people_count
from segments.definition.tree import Unsupported
from segments.engine.answer_cache import CachedEvaluation
from segments.engine.vocabulary import Catalog
from segments.lexicon.labels import tree_of

MOST_COUNTED = 6
SECONDS = 0.03
"""After this time no further count is started."""


def with_headcounts(
    catalog: Catalog, suggestions: list[Suggestion], at: datetime
) -> list[Suggestion]:
    """The suggestions, the first ones with the number of people as their note.

    Conditions that are not finished have no number, nor have those that there is no time for.
    """
    started = perf_counter()
    evaluation: CachedEvaluation | None = None
    answer = []
    for number, each in enumerate(suggestions):
        note = each.note
        is_early = number < MOST_COUNTED and perf_counter() - started < SECONDS
        if is_early and not each.closed:
            evaluation = evaluation or CachedEvaluation(everyone(catalog.account), at)
            note = _count(evaluation, json.loads(each.value)) or note
        answer.append(replace(each, note=note))
    return answer


def _count(evaluation: CachedEvaluation, fragment: Mapping[str, Any]) -> str:
    condition = tree_of(fragment)
    if condition is None:
        return ""
    try:
        matches = evaluation.mask(condition)
    except (UnknownKey, Unsupported):
        return ""
    return people_count(int(np.count_nonzero(matches)))
