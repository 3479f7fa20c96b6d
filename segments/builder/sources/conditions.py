"""New conditions: the kinds, and while something is typed, what each kind finds by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from segments.builder.defaults import settled, start
from segments.builder.kinds.base import builder_kind_of, builder_kinds
from segments.builder.suggestions import Suggestion, best, sources
from segments.definition.tree import kinds
from segments.engine.vocabulary import Catalog


@sources.register("condition")
def _conditions(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    conditions = [*_kinds(catalog)]
    if words:
        conditions += _shortcuts(catalog)
    yield from best(conditions, words)


def _json(catalog: Catalog, member: Any) -> str:
    return json.dumps(settled(member, catalog))


def _kinds(catalog: Catalog) -> Iterator[Suggestion]:
    for kind, cls in sorted(kinds.items(), key=lambda one: not builder_kind_of(one[0]).is_common):
        if not cls.unsupported:
            value, group = _json(catalog, start(kind)), gettext("Kinds of conditions")
            yield Suggestion(gettext(cls.title), value, group=group, icon=cls.icon)


def _shortcuts(catalog: Catalog) -> Iterator[Suggestion]:
    for kind, asks in sorted(builder_kinds.items(), key=lambda one: one[1].shortcuts_rank):
        for shortcut in asks.shortcuts(catalog):
            yield Suggestion(
                shortcut.words,
                _json(catalog, {**start(kind), **shortcut.says}),
                gettext("not available") if shortcut.closed else "",
                gettext(asks.shortcuts_title),
                asks.shortcuts_icon,
                shortcut.closed,
            )
