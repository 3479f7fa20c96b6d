"""Problems of a draft in the editor: each with the part of the form where it is corrected."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from forms_targeting.editor.draft_content import Draft
from forms_targeting.editor.outline import step_title, summary_of
from forms_targeting.editor.selection import LOOK, block_selection, step_selection
from segmenter.kernel.errors import Problem
from segmenter.kernel.json_pointer import keys_of


@dataclass(frozen=True)
class ProblemLink:
    """What is wrong, where in words, and what to select to correct it."""

    pointer: str
    message: str
    where: str
    selection: str


def problem_links(draft: Draft, problems: tuple[Problem, ...]) -> list[ProblemLink]:
    """Return the problems in the order they were named in."""
    return [_link(draft, problem) for problem in problems]


def _link(draft: Draft, problem: Problem) -> ProblemLink:
    where, selection = _place(draft, keys_of(problem.pointer))
    return ProblemLink(problem.pointer, problem.message, where, selection)


def _place(draft: Draft, keys: list[str]) -> tuple[str, str]:
    """Words for a place and what to select; empty for the form as a whole."""
    if keys[:1] == ["translations"] and len(keys) > 1:
        return dict(settings.LANGUAGES).get(keys[1], keys[1]), f"language:{keys[1]}"
    if keys[:1] in (["kind"], ["language"], ["style"]):
        return _("Kind and look"), LOOK
    if keys[:1] != ["steps"] or len(keys) < 2 or int(keys[1]) >= len(draft["steps"]):
        return "", ""
    step = draft["steps"][int(keys[1])]
    where = step_title(int(keys[1]))
    if keys[2:3] == ["blocks"] and len(keys) > 3 and int(keys[3]) < len(step["blocks"]):
        block = step["blocks"][int(keys[3])]
        return f"{where}, {summary_of(block)}", block_selection(block["id"])
    return where, step_selection(step["id"])
