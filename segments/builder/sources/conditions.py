"""New conditions: the kinds, and while something is typed, what the lexicon finds for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.builder.defaults import settled, start
from segments.builder.headcounts import with_headcounts
from segments.builder.kinds.base import kinds_by_use
from segments.builder.suggestions import Suggestion, sources
from segments.definition.tree import kinds
from segments.engine.vocabulary import Catalog
from segments.lexicon import Match, find
from segments.lexicon.find import near
from segments.lexicon.labels import HEADINGS, KINDS, label
from segments.lexicon.letters import tokens

_KINDS = _("Kinds of conditions")
_LEAST_OF_BEST = 0.6
"""Matches with a smaller part of the best score are left out."""
_MOST = 16


@sources.register("condition")
def _conditions(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    if not words:
        yield from _kinds(catalog)
        return
    at = datetime.fromisoformat(about["at"])
    today = at.astimezone(catalog.account.zone).date()
    matches = find(catalog, words, today=today, most=_MOST)
    if matches and matches[0].is_whole:
        best = matches[0].score
        likely = [match for match in matches if match.score >= best * _LEAST_OF_BEST]
        suggestions = _grouped(_suggestion(catalog, match) for match in likely)
        yield from with_headcounts(catalog, suggestions, at)
        return
    yield from _instead(catalog, words, [*matches, *near(catalog, words, today=today)][:4])


def _instead(catalog: Catalog, words: str, matches: list[Match]) -> Iterator[Suggestion]:
    """What comes nearest to words that mean nothing here, and all kinds."""
    title = gettext("Nothing called “%(words)s”. Try:") % {"words": words}
    for match in matches:
        yield replace(_suggestion(catalog, match), group=title)
    kinds_left = _kinds(catalog)
    yield from kinds_left if matches else (replace(each, group=title) for each in kinds_left)


def _kinds(catalog: Catalog) -> Iterator[Suggestion]:
    for kind in kinds_by_use():
        value, cls = whole_json(catalog, {"type": kind}), kinds[kind]
        yield Suggestion(gettext(cls.title), value, group=gettext(_KINDS), icon=cls.icon)


def _suggestion(catalog: Catalog, match: Match) -> Suggestion:
    heading, icon = HEADINGS[match.group]
    if match.group == KINDS:
        icon = kinds[match.fragment["type"]].icon
    is_its_name = set(tokens(match.phrase)) <= set(tokens(match.words))
    return Suggestion(
        match.words,
        whole_json(catalog, match.fragment) if match.fragment else "null",
        group=gettext(heading),
        icon=icon,
        closed=match.closed,
        note=match.closed if match.closed else "",
        why="" if is_its_name or match.closed else match.phrase,
    )


def whole_json(catalog: Catalog, fragment: Mapping[str, Any]) -> str:
    """A condition with the fields that a new one of its kind begins with, as JSON."""
    return json.dumps(settled({**start(fragment["type"]), **fragment}, catalog))


def _grouped(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """The same, one group after the other: the group of the best one first."""
    groups: dict[str, list[Suggestion]] = {}
    for each in suggestions:
        groups.setdefault(each.group, []).append(each)
    return [each for group in groups.values() for each in group]


def recent_suggestions(catalog: Catalog, choices: Iterable[Mapping[str, str]]) -> list[Suggestion]:
    """Conditions that were chosen before, under their names in the active language."""
    suggestions = []
    for choice in choices:
        try:
            fragment = json.loads(choice["value"])
        except ValueError:
            continue
        if isinstance(fragment, dict) and fragment.get("type") in kinds:
            suggestions.append(Suggestion(label(catalog, fragment), choice["value"]))
    return suggestions
