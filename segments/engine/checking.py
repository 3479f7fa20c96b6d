"""Checking a definition against its account."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.definition.codec import decode
from segments.definition.tree import All
from segments.definition.validate import (
    find_cycle,
    groups_of,
    unknown_references,
    unsupported,
)
from segments.engine.queries import Inventory


def check_definition(account: Account, definition: Any, key: str = "") -> All:
    """Read a definition and check it against the account. Raises Invalid with all problems.

    `key` is the segment of the definition, which must not refer to itself.
    """
    tree = decode(definition)
    inventory = Inventory(account)
    problems = [*unsupported(tree), *unknown_references(tree, inventory)]
    if key and not problems:
        path = find_cycle(key, tree, lambda group: _groups(inventory, group))
        if path:
            names = " → ".join(inventory.group(group) for group in path)
            message = gettext("The segment would depend on itself: %(path)s.") % {"path": names}
            problems.append(Problem("/condition_groups", "circle", message))
    if problems:
        raise Invalid(*problems)
    return tree


def _groups(inventory: Inventory, key: str) -> set[str]:
    segment = inventory.segments.get(key)
    try:
        return groups_of(decode(segment.definition)) if segment else set()
    except Invalid:
        return set()
