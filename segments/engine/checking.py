"""Checking a definition against the account that it is for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.definition.codec import decode
from segments.definition.tree import All
from segments.definition.validate import (
    circle,
    groups_of,
    unknown_references,
    unsupported,
)
from segments.engine.queries import Inventory


def check_definition(account: Account, definition: Any, key: str = "") -> All:
    """Read a definition and check it against the account. Raises Invalid with all problems.

    `key` is the segment that it is for, which it must not lead back to.
    """
    tree = decode(definition)
    inventory = Inventory(account)
    problems = [*unsupported(tree), *unknown_references(tree, inventory)]
    if key and not problems:
        path = circle(key, tree, lambda group: _groups(inventory, group))
        if path:
            told = " → ".join(inventory.group(group) for group in path)
            message = gettext("The segment would depend on itself: %(path)s.") % {"path": told}
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
