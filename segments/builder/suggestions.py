"""What the builder's boxes suggest while somebody types: from the account's own data.

One source for each thing that can be asked for: in `sources`, or beside the kind that asks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import ngettext

from segmenter.kernel.registry import Registry
from segments.engine.vocabulary import Catalog
from segments.lexicon.letters import marked_parts

MOST = 40
"""Suggestions in one answer."""


@dataclass(frozen=True)
class Suggestion:
    """One thing to choose. `value` is the JSON that is put in place."""

    words: str
    value: str
    note: str = ""
    group: str = ""
    icon: str = ""
    closed: str = ""
    """Why it cannot be chosen now."""
    why: str = ""
    """The words by which it was found, where its name says something else."""
    typed: str = ""
    """What was typed, to be marked in the name."""

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The name in parts, and whether each is what was typed."""
        return marked_parts(self.words, self.typed)


Source = Callable[[Catalog, Mapping[str, str], str], Iterable[Suggestion]]

sources: Registry[Source] = Registry("suggestion source")
"""What is asked for to (catalog, what it is about, the words typed) -> suggestions."""


def suggestions(catalog: Catalog, about: Mapping[str, str]) -> list[Suggestion]:
    """What to suggest. `about` holds `what`, the words typed `q`, and what `what` needs to know."""
    what = about.get("what", "")
    if what not in sources:
        return []
    typed = about.get("q", "").strip()
    return [
        replace(each, typed=typed) for each in islice(sources[what](catalog, about, typed), MOST)
    ]


def best(matches: Iterable[Suggestion], words: str) -> list[Suggestion]:
    """Those that contain the words, in their groups: first what begins with them."""
    folded = words.casefold()
    ranked: list[tuple[int, int, Suggestion]] = []
    groups: dict[str, int] = {}
    for each in matches:
        name = each.words.casefold()
        if folded not in name:
            continue
        group = groups.setdefault(each.group, len(groups))
        rank = 0 if name.startswith(folded) else 1 if f" {folded}" in name else 2
        ranked.append((group, rank, each))
    return [each for _g, _r, each in sorted(ranked, key=lambda one: one[:2])]


def put(about: Mapping[str, str], value: Any, **more: Any) -> str:
    """The JSON that puts a value into the field that asked."""
    return json.dumps({about.get("field", ""): value, **more})


def people_count(count: int) -> str:
    """How many people have what is suggested."""
    template = ngettext("%(count)s person", "%(count)s people", count)
    return template % {"count": number_format(count, force_grouping=True)}
