"""The inputs of the editor: one for each attribute that a part of a form declares.

What an input looks like is its template, `templates/forms_targeting/editor/inputs/<kind>.html`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind, Words
from forms_targeting.content.form_content import KINDS, STYLE
from forms_targeting.editor.properties import property_label

LOOK_ATTRIBUTES = (
    Attribute("kind", _("Kind"), Kind.CHOICE, choices=KINDS),
    Attribute(
        "language",
        _("Language of the texts"),
        Kind.CHOICE,
        choices=tuple(settings.LANGUAGES),
        hint=_("Visitors with another language get its translation, or else this one."),
    ),
)
FOLLOWING_STEP = ("", _("The next one"))


@dataclass(frozen=True)
class EditorInput:
    """One value of a draft, ready to be drawn."""

    attribute: Attribute
    pointer: str
    value: Any
    choices: tuple[tuple[str, Words], ...] = ()
    words: str = ""
    """What people read in place of the value."""

    @property
    def id(self) -> str:
        return "at" + self.pointer.replace("/", "-")

    @property
    def template(self) -> str:
        return f"forms_targeting/editor/inputs/{self.attribute.kind}.html"

    @property
    def is_unknown_choice(self) -> bool:
        return self.value not in dict(self.choices)


def inputs_of(
    attributes: Iterable[Attribute],
    values: Mapping[str, Any],
    pointer: str,
    steps: tuple[tuple[str, Words], ...] = (),
) -> list[EditorInput]:
    """Return the inputs of the attributes that matter beside the values of the others."""
    return [
        _input(attribute, values[attribute.name], f"{pointer}/{attribute.name}", steps)
        for attribute in attributes
        if attribute.matters(values)
    ]


def look_inputs(draft: Mapping[str, Any]) -> list[EditorInput]:
    """Return the inputs of the form as a whole: kind, language, colors."""
    values = {**draft["style"], "kind": draft["kind"], "language": draft["language"]}
    return [
        *inputs_of(LOOK_ATTRIBUTES, values, ""),
        *inputs_of(STYLE, values, "/style"),
    ]


def _input(
    attribute: Attribute, value: Any, pointer: str, steps: tuple[tuple[str, Words], ...]
) -> EditorInput:
    if attribute.kind is Kind.STEP:
        return EditorInput(attribute, pointer, value, (FOLLOWING_STEP, *steps))
    words = property_label(value) if attribute.kind is Kind.PROPERTY else ""
    return EditorInput(attribute, pointer, value, attribute.choices, words)
