"""Names in the account: metrics, lists and segments, properties."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles.models import List
from segments.builder.suggestions import Suggestion, best, people_count, put, sources
from segments.definition.paths import write_path
from segments.engine.vocabulary import Catalog, Types


@sources.register("metric")
def _metrics(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterable[Suggestion]:
    metrics = sorted(catalog.metrics.items(), key=lambda one: one[1].casefold())
    offers = (Suggestion(name, put(about, key), icon="metrics") for key, name in metrics)
    return best(offers, words)


@sources.register("group")
def _lists_and_segments(
    catalog: Catalog, about: Mapping[str, str], words: str
) -> Iterable[Suggestion]:
    return best(groups(catalog), words)


def groups(catalog: Catalog) -> Iterator[Suggestion]:
    lists = List.objects.filter(account=catalog.account).annotate(size=Count("members"))
    for key, name, size in lists.order_by("name").values_list("key", "name", "size"):
        yield Suggestion(name, json.dumps(key), people_count(size), gettext("Lists"), "lists")
    for segment in sorted(catalog.segments.values(), key=lambda one: one.name.casefold()):
        note, key = people_count(segment.size), json.dumps(segment.key)
        yield Suggestion(segment.name, key, note, gettext("Segments"), "segments")


@sources.register("property")
def _properties(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    of, metric = about.get("of", ""), about.get("metric", "")
    event = of == "event"
    properties = catalog.event_properties(metric) if event else catalog.profile_properties
    offers = [
        Suggestion(catalog.label(of, name), put(about, name, **_with(about)), _types(types))
        for name, types in properties.items()
    ]
    yield from best(offers, words)
    name_typed = words if event else write_path(words)
    if words and name_typed not in properties and not any(each.words == words for each in offers):
        label = gettext("Use “%(name)s”, which nobody has yet") % {"name": words}
        yield Suggestion(label, put(about, name_typed, **_with(about)))


def _with(about: Mapping[str, str]) -> dict[str, Any]:
    """Takes the filter of the property before away: another one begins with its own."""
    return {"filter": None} if about.get("filter") else {}


_TYPE_WORDS = {
    "text": _("text"),
    "date": _("date"),
    "instant": _("date"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "list": _("list"),
    "object": _("object"),
}


def _types(types: Types) -> str:
    return " / ".join(sorted({gettext(_TYPE_WORDS[each]) for each in types}))
