"""The editor's page and its answers: what is drawn for a draft, and how a draft is saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _

from forms_targeting.content.block import BlockKind, block_kinds
from forms_targeting.content.contrast import ColorContrast, contrasts_of
from forms_targeting.content.form_content import STYLE, read_content
from forms_targeting.content.public import public_content
from forms_targeting.editor.draft_content import Draft, problems_of, valid_draft
from forms_targeting.editor.outline import outline_of
from forms_targeting.editor.panel import panel_of
from forms_targeting.editor.problem_links import problem_links
from forms_targeting.editor.selection import selection_of
from forms_targeting.editor.translation import share_of
from forms_targeting.engine.publishing import (
    LETTERS,
    get_form,
    get_variant,
    save_content,
    unpublished_letters,
)
from forms_targeting.models import Form, FormStatus, FormVariant
from segmenter.accounts.access import SeatRequest
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem


@dataclass(frozen=True)
class SaveState:
    """Whether a draft is saved now."""

    variant: FormVariant
    problems: tuple[Problem, ...] = ()
    is_conflict: bool = False
    """Whether somebody else, or another window, saved the variant since this one read it."""

    @property
    def is_saved(self) -> bool:
        return not self.problems and not self.is_conflict


@dataclass(frozen=True)
class LanguageTab:
    code: str
    name: str
    share: int
    is_main: bool
    is_selected: bool


@dataclass(frozen=True)
class ContrastRow:
    """A contrast with the names of its two colors."""

    contrast: ColorContrast
    front: str
    back: str


def variant_or_404(request: SeatRequest, key: str, letter: str) -> FormVariant:
    """Return the variant of the account's form; 404 for unknown ones and those of others."""
    try:
        return get_variant(get_form(request.seat.account, key), letter)
    except NotFound:
        raise Http404 from None


def save_draft(
    variant: FormVariant, draft: Draft, *, updated: datetime | None, at: datetime
) -> SaveState:
    """Save a draft that visitors may see; else return what it lacks.

    `updated` is the variant's stamp that the page began with; None overwrites what others saved.
    """
    is_stale = updated is not None and variant.updated != updated
    problems = problems_of(draft)
    if is_stale and (problems or valid_draft(draft) != variant.content):
        return SaveState(variant, problems, is_conflict=True)
    if problems or valid_draft(draft) == variant.content:
        return SaveState(variant, problems)
    try:
        saved = save_content(variant=variant, content=draft, at=at, updated=updated)
    except Invalid as error:
        return SaveState(variant, error.problems)
    except Conflict:
        return SaveState(variant, is_conflict=True)
    return SaveState(saved)


def draft_context(draft: Draft, selection_name: str, state: SaveState) -> dict[str, Any]:
    """Return the context of everything on the page that depends on the draft."""
    selection = selection_of(draft, selection_name)
    place = selection.place
    panel = panel_of(draft, selection)
    return {
        "draft_json": json.dumps(draft, ensure_ascii=False),
        "previews_json": json.dumps(_previews(draft), ensure_ascii=False),
        "selection": selection,
        "selected_step": draft["steps"][place.step]["id"] if place else "",
        "steps": outline_of(draft, selection, state.problems),
        "panel": panel,
        "kinds": _kinds(),
        "state": state,
        "variant": state.variant,
        "problems": problem_links(draft, state.problems),
        "contrasts": _contrasts(draft),
        "languages": _languages(draft, selection.language),
        "main_language": draft["language"],
    }


def form_context(form: Form, variant: FormVariant) -> dict[str, Any]:
    """Return the context of the page's head: the form, its variants, whether it is published."""
    variants = list(form.variants.order_by("letter"))
    total = sum(each.weight for each in variants if each.is_active)
    return {
        "form": form,
        "is_archived": form.status == FormStatus.ARCHIVED,
        "tabs": [
            (each, round(100 * each.weight / total) if each.is_active and total else 0)
            for each in variants
        ],
        "may_add_variant": len(variants) < len(LETTERS),
        "unpublished": unpublished_letters(form),
        "letter": variant.letter,
    }


def _kinds() -> list[tuple[str, BlockKind]]:
    return sorted(block_kinds.items(), key=lambda entry: entry[1].rank)


def _previews(draft: Draft) -> dict[str, Any]:
    """The content as visitors get it, by language; nothing while it cannot be shown."""
    try:
        content = read_content(draft)
    except Invalid:
        return {}
    languages = [content.language, *content.translations]
    return {language: public_content(content, [language]) for language in languages}


def _contrasts(draft: Draft) -> list[ContrastRow]:
    """The contrasts of colors that are colors."""
    labels = {attribute.name: str(attribute.label) for attribute in STYLE}
    try:
        content = read_content({"kind": "popup", "steps": _ONE_STEP, "style": draft["style"]})
    except Invalid:
        return []
    return [
        ContrastRow(contrast, labels[contrast.front], labels[contrast.back])
        for contrast in contrasts_of(content.style)
    ]


_ONE_STEP = [{"id": "step", "blocks": [{"id": "text", "type": "text", "text": "Text"}]}]


def _languages(draft: Draft, selected: str) -> list[LanguageTab]:
    return [
        LanguageTab(
            code,
            name,
            share_of(draft, code),
            code == draft["language"],
            code == (selected or draft["language"]),
        )
        for code, name in sorted(
            settings.LANGUAGES, key=lambda entry: entry[0] != draft["language"]
        )
    ]


def refusal_message(error: Invalid) -> str:
    """Return what to say where a change cannot be made."""
    return " ".join(problem.message for problem in error.problems) or _("That did not work.")
