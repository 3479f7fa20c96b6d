"""The list of people filtered by conditions: those of an address, evaluated over everyone."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import get_language, gettext

from profiles.columns.gather import everyone
from profiles.columns.people import People
from profiles.columns.population import UnknownKey
from profiles.registries.people_filters import FilteredPeople
from segmenter.accounts.access import SeatRequest
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, Problem
from segments.definition.describe import describe
from segments.definition.tree import All, Unsupported
from segments.engine.answer_cache import CachedEvaluation
from segments.engine.checking import check_definition
from segments.engine.vocabulary import Catalog
from segments.people.quick_filters import CHANNELS, DAYS, FILTERS, NOT, conditions_of, order_metric
from segments.sentences.parse import parse

DEFINITION = "definition"
"""The parameter that holds any other definition, as JSON."""
WORDS = "say"
"""The parameter that holds conditions in words."""
MOST_TEXT = 20_000
MOST_COUNTRIES = 40


def filter_people(request: SeatRequest) -> FilteredPeople:
    """Who passes the conditions of an address. Conditions that cannot be read show nobody."""
    account = request.seat.account
    query = {
        name: request.GET.get(name, "").replace("\0", "") for name in (*FILTERS, WORDS, DEFINITION)
    }
    parameters = {name: text for name, text in query.items() if text}
    catalog, people, at = Catalog(account), everyone(account), now()
    context: dict[str, Any] = {
        "values": parameters,
        "groups": _group_options(catalog),
        "channels": CHANNELS,
        "days": DAYS,
        "countries": _countries(people),
        "has_orders": order_metric(account) is not None,
        "may_write": request.seat.allows(Role.MARKETER),
        "not": NOT,
    }
    if not parameters:
        return FilteredPeople(context=context)
    try:
        definition = _definition(catalog, parameters, at)
        tree = check_definition(account, definition)
        ids = _matching(people, tree, at)
    except Invalid as error:
        context["error"] = error.problems[0].message
        return FilteredPeople([], parameters, context)
    context |= {
        "sentence": describe(tree, catalog),
        "definition": json.dumps(definition, ensure_ascii=False, separators=(",", ":")),
        "count": len(ids),
        "everyone": len(people),
    }
    return FilteredPeople(ids, parameters, context)


def _definition(catalog: Catalog, parameters: dict[str, str], at: datetime) -> dict[str, Any]:
    """The quick filters and the definition of an address as one definition. Raises Invalid."""
    conditions = conditions_of(catalog, parameters)
    groups: list[Any] = [{"conditions": [condition]} for condition in conditions.values()]
    words = parameters.get(WORDS, "")
    if words:
        groups += _understand(catalog, words, at)["condition_groups"]
    text = parameters.get(DEFINITION)
    if text:
        more = _read(text)
        below = more.get("condition_groups") if isinstance(more, dict) else None
        if not isinstance(below, list):
            raise Invalid(Problem("", "invalid", gettext("The filter cannot be read.")))
        groups += below
    return {"condition_groups": groups}


def _understand(catalog: Catalog, words: str, at: datetime) -> dict[str, Any]:
    """The definition that a sentence means. Raises Invalid if a part is not understood."""
    answer = parse(words, catalog, get_language() or settings.LANGUAGE_CODE, at=at)
    if answer.definition is None or answer.gaps:
        gaps = ", ".join(f"“{gap.text}”" for gap in answer.gaps) or f"“{words}”"
        message = gettext("Not understood: %(words)s.") % {"words": gaps}
        raise Invalid(Problem(f"/{WORDS}", "invalid", message))
    return answer.definition


def _read(text: str) -> Any:
    try:
        return json.loads(text) if len(text) <= MOST_TEXT else None
    except (ValueError, RecursionError):
        return None


def _matching(people: People, tree: All, at: datetime) -> list[int]:
    """The ids of who matches now, ascending. Raises Invalid."""
    try:
        mask = CachedEvaluation(people, at).mask(tree)
    except (UnknownKey, Unsupported) as error:
        raise Invalid(Problem("", "unsupported", str(error))) from error
    ids: list[int] = people.ids[np.flatnonzero(mask)].tolist()
    return ids


def _group_options(catalog: Catalog) -> list[tuple[str, list[tuple[str, str]]]]:
    """Lists and segments by name, each under its heading."""
    segments = [(key, segment.name) for key, segment in catalog.segments.items()]
    options = [
        (gettext("Segments"), sorted(segments, key=lambda option: option[1].casefold())),
        (
            gettext("Lists"),
            sorted(catalog.lists.items(), key=lambda option: option[1].casefold()),
        ),
    ]
    return [(heading, choices) for heading, choices in options if choices]


def _countries(people: People) -> list[str]:
    """The countries of most people, by name."""
    counts: dict[str, int] = {}
    for part, share in people.shares:
        column = part.attribute("country")
        codes = column.codes if share is None else column.codes[share]
        numbers = np.bincount(codes[codes >= 0], minlength=len(column.values))
        for code in np.flatnonzero(numbers).tolist():
            name = column.values.at(code)
            counts[name] = counts.get(name, 0) + int(numbers[code])
    return sorted(sorted(counts, key=lambda name: -counts[name])[:MOST_COUNTRIES])
