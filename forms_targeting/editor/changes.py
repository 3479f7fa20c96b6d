"""What publishing a variant would change for visitors, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_targeting.editor.draft_content import Draft
from forms_targeting.editor.outline import summary_of
from forms_targeting.editor.positions import blocks_of


def changes_between(before: Draft, after: Draft) -> list[str]:
    """Return the differences of two contents; nothing if they say the same."""
    return [*_block_changes(before, after), *_whole_changes(before, after)]


def _block_changes(before: Draft, after: Draft) -> Iterator[str]:
    old, new = _by_id(before), _by_id(after)
    for name in new:
        words = {"block": summary_of(new[name])}
        if name not in old:
            yield _("New: %(block)s") % words
        elif old[name] != new[name]:
            yield _("Changed: %(block)s") % words
    for name in old:
        if name not in new:
            yield _("Removed: %(block)s") % {"block": summary_of(old[name])}


def _whole_changes(before: Draft, after: Draft) -> Iterator[str]:
    if before["kind"] != after["kind"]:
        yield _("Another kind of form")
    if before["style"] != after["style"]:
        yield _("Another look")
    both = _by_id(before).keys() & _by_id(after).keys()
    if _arrangement(before, both) != _arrangement(after, both):
        yield _("Steps, their order, or branches")
    for code, name in settings.LANGUAGES:
        count = _different_texts(before, after, code)
        if count:
            words = ngettext(
                "%(count)d text in %(language)s", "%(count)d texts in %(language)s", count
            )
            yield words % {"count": count, "language": name}
    if before["language"] != after["language"]:
        yield _("Another language of the texts")


def _by_id(draft: Draft) -> dict[str, Mapping[str, Any]]:
    return {block["id"]: block for _place, block in blocks_of(draft)}


def _arrangement(draft: Draft, names: AbstractSet[str]) -> list[Any]:
    """The steps with their branches and those of their blocks that have these names."""
    return [
        (
            step["id"],
            [block["id"] for block in step["blocks"] if block["id"] in names],
            step["branches"],
        )
        for step in draft["steps"]
    ]


def _different_texts(before: Draft, after: Draft, language: str) -> int:
    old = before["translations"].get(language, {})
    new = after["translations"].get(language, {})
    return sum(old.get(name) != new.get(name) for name in old.keys() | new.keys())
