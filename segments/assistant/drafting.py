"""A draft of a definition by the language model, validated like any other definition."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from segmenter.kernel.errors import Invalid, Problem
from segments.assistant.model import ModelFailure, complete
from segments.assistant.prompt import correction, first_messages
from segments.engine.checking import check_definition
from segments.engine.queries import resolve_names
from segments.engine.vocabulary import Catalog

_ATTEMPTS = 2
"""The first answer, and one with the problems of the first."""


def draft_definition(text: str, catalog: Catalog) -> dict[str, Any]:
    """A valid definition that the model takes the text for. Raises ModelFailure."""
    messages = first_messages(text, catalog)
    problems: tuple[Problem, ...] = ()
    for _attempt in range(_ATTEMPTS):
        answer = complete(messages)
        try:
            return _definition(answer, catalog)
        except Invalid as error:
            problems = error.problems
        messages += correction(answer, problems)
    raise ModelFailure(
        _("The assistant's answer cannot be used: %(problem)s") % {"problem": problems[0].message}
    )


def _definition(answer: str, catalog: Catalog) -> dict[str, Any]:
    """The definition of an answer. Raises Invalid; ModelFailure where the model says why not."""
    document = _json_object(answer)
    definition = document.get("definition", document)
    if definition is None:
        reason = str(document.get("problem", ""))[:300]
        raise ModelFailure(
            _("The assistant cannot say this as conditions: %(reason)s") % {"reason": reason}
        )
    resolved: dict[str, Any] = resolve_names(catalog.account, definition)
    check_definition(catalog.account, resolved)
    return resolved


def _json_object(answer: str) -> dict[str, Any]:
    """The JSON object in an answer, which may have words or a fence around it."""
    try:
        document = json.loads(answer[answer.index("{") : answer.rindex("}") + 1])
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Invalid(Problem("", "invalid", "This is no JSON object."))
    return document
