"""What the parts of a form must be before they are stored; all problems are told together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from forms_targeting.behavior import read_behavior, write_behavior
from forms_targeting.engine.references import missing_references
from forms_targeting.rules.rule import read_rules, write_rules
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem

MOST_NAME = 120

T = TypeVar("T")


class ProblemList:
    """Collects the problems of several inputs, to raise them together."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, *problems: Problem) -> None:
        self._problems += problems

    def result_of(self, read: Callable[[], T], pointer: str = "") -> T | None:
        """Return what `read` returns; None if it raises Invalid, whose problems are collected."""
        try:
            return read()
        except Invalid as error:
            self.add(*(problem.under(pointer) for problem in error.problems))
            return None

    def check(self) -> None:
        """Raise Invalid if there are problems."""
        if self._problems:
            raise Invalid(*self._problems)


def read_name(name: str) -> str:
    """Return a form's name, trimmed. Raises Invalid."""
    text = " ".join(name.split())
    if not text or not text.isprintable() or len(text) > MOST_NAME:
        message = _("A name has between 1 and %(most)d characters.") % {"most": MOST_NAME}
        raise Invalid(Problem("/name", "invalid", message))
    return text


def read_targeting(
    account: Account, rules: Sequence[Any], behavior: Any
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return rules and behavior as they are stored.

    Raises Invalid with pointers below /rules and /behavior; segments and lists must exist.
    """
    problems = ProblemList()
    valid = problems.result_of(lambda: read_rules(list(rules)), "/rules") or ()
    problems.add(*missing_references(account, valid, "/rules"))
    habits = problems.result_of(lambda: read_behavior(behavior), "/behavior")
    problems.check()
    assert habits is not None
    return write_rules(valid), write_behavior(habits)


def check_range(value: float, pointer: str, least: float, most: float) -> None:
    """Raise Invalid if a number does not lie between two others."""
    if not least <= value <= most:
        message = _("The number must lie between %(least)g and %(most)g.")
        about = {"least": least, "most": most}
        raise Invalid(Problem(pointer, "out_of_range", message % about))
