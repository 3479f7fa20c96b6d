"""The warnings as advice for the builder and the pages."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import DatabaseError

from segments.advice import Advice, Inspection, advisers
from segments.lint import rules as _registered  # noqa: F401
from segments.lint.rule import rules
from segments.lint.study import Study

log = logging.getLogger(__name__)


@advisers.register("lint")
def warnings(inspection: Inspection) -> Iterator[Advice]:
    """What all rules say. A rule that fails says nothing: the count must not fail with it."""
    study = Study(inspection)
    for code, rule in rules.items():
        try:
            yield from list(rule.advice(study))
        except DatabaseError:
            raise
        except Exception:
            log.exception("the rule %s failed", code)
