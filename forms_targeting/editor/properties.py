"""Properties of people by the names that inputs of forms have for them, with how many have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_targeting.content.blocks.field import FIELDS, PREFIX
from profiles.columns.gather import everyone
from segmenter.accounts.models import Account
from segments.definition import paths
from segments.definition.words import property_label as label_of_property
from segments.engine.vocabulary import Catalog

MOST = 20
"""Suggestions in one answer."""
_LOCATION = frozenset({"address1", "address2", "city", "region", "country", "zip"})


@dataclass(frozen=True)
class PropertySuggestion:
    """A property to choose: `name` is what an input stores, `words` what people read."""

    name: str
    words: str
    note: str = ""


def property_label(name: str) -> str:
    """Return what people read for the name that an input stores."""
    if name.startswith(PREFIX):
        return name.removeprefix(PREFIX)
    return label_of_property(name, custom=False) if name in FIELDS else name


def suggest_properties(account: Account, words: str) -> list[PropertySuggestion]:
    """Return the properties whose label contains the words, those that begin so first."""
    catalog, folded = Catalog(account), words.strip().casefold()
    names = [*FIELDS, *(PREFIX + name for name in sorted(catalog.own_properties))]
    matches = [name for name in names if folded in property_label(name).casefold()]
    matches.sort(key=lambda name: not property_label(name).casefold().startswith(folded))
    counts = _people_with(account, matches[:MOST])
    suggestions = [
        PropertySuggestion(name, property_label(name), _people(counts[name]))
        for name in matches[:MOST]
    ]
    return [*suggestions, *_new_property(words.strip(), suggestions)]


def _new_property(
    words: str, suggestions: list[PropertySuggestion]
) -> Iterator[PropertySuggestion]:
    if words and all(each.words.casefold() != words.casefold() for each in suggestions):
        label = _("New property “%(name)s”") % {"name": words}
        yield PropertySuggestion(PREFIX + words, label)


def _people_with(account: Account, names: list[str]) -> dict[str, int]:
    """How many people have each property."""
    counts = dict.fromkeys(names, 0)
    for people, share in everyone(account).shares:
        for name in names:
            path = paths.parse_path(_path(name))
            if path is not None:
                has_value = path.column(people).is_set
                counts[name] += int((has_value if share is None else has_value & share).sum())
    return counts


def _path(name: str) -> str:
    """The path of conditions for the name that an input stores."""
    if name.startswith(PREFIX):
        return paths.write_path(name.removeprefix(PREFIX))
    return f"location['{name}']" if name in _LOCATION else name


def _people(count: int) -> str:
    template = ngettext("%(count)s person", "%(count)s people", count)
    return template % {"count": number_format(count, force_grouping=True)}
