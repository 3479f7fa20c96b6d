"""The settings of the selected part of a draft: what the panel at the right of the editor shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from forms_targeting.attributes import Kind, Words
from forms_targeting.content.block import block_kinds
from forms_targeting.content.blocks.field import WITH_OPTIONS
from forms_targeting.editor.draft_content import Draft
from forms_targeting.editor.inputs import EditorInput, inputs_of, look_inputs
from forms_targeting.editor.outline import step_title, summary_of
from forms_targeting.editor.positions import Position, blocks_of
from forms_targeting.editor.selection import Selection
from forms_targeting.editor.translation import SourceText, share_of, source_texts
from segmenter.kernel.json_pointer import child

Choices = tuple[tuple[str, Words], ...]


@dataclass(frozen=True)
class BranchRow:
    """A branch of a step with what can be chosen in each of its three places."""

    pointer: str
    branch: Mapping[str, str]
    fields: Choices
    values: Choices
    """Empty where any text can be typed."""
    steps: Choices


@dataclass(frozen=True)
class TranslationRow:
    """A text of the form and its words in a language."""

    pointer: str
    source: SourceText
    words: str
    label: str
    step: str
    """Title of the step, at its first text."""

    @property
    def id(self) -> str:
        return "at" + self.pointer.replace("/", "-")

    @property
    def is_long(self) -> bool:
        return self.source.attribute.kind is Kind.LONG_TEXT or len(self.source.text) > 60


@dataclass(frozen=True)
class SettingsPanel:
    """What the panel shows: of the look, a step, a block, or a language."""

    part: str
    """`look`, `step`, `block` or `language`."""
    title: str
    icon: str
    pointer: str = ""
    inputs: tuple[EditorInput, ...] = ()
    branches: tuple[BranchRow, ...] = ()
    may_branch: bool = False
    rows: tuple[TranslationRow, ...] = ()
    language: str = ""
    share: int = 0


def panel_of(draft: Draft, selection: Selection) -> SettingsPanel:
    """Return the settings of the selected part."""
    if selection.language:
        return _language_panel(draft, selection.language)
    if selection.place is None:
        inputs = tuple(look_inputs(draft))
        return SettingsPanel("look", _("Kind and look"), "settings", inputs=inputs)
    if selection.place.block is None:
        return _step_panel(draft, selection.place)
    return _block_panel(draft, selection.place)


def _block_panel(draft: Draft, place: Position) -> SettingsPanel:
    block = draft["steps"][place.step]["blocks"][place.block]
    kind = block_kinds[block["type"]]
    inputs = inputs_of(kind.attributes, block, place.pointer, _step_choices(draft))
    return SettingsPanel("block", str(kind.label), kind.icon, place.pointer, tuple(inputs))


def _step_panel(draft: Draft, place: Position) -> SettingsPanel:
    fields = {
        block["id"]: block
        for position, block in blocks_of(draft)
        if block["type"] == "field" and position.step <= place.step
    }
    own_id = draft["steps"][place.step]["id"]
    steps = tuple(choice for choice in _step_choices(draft) if choice[0] != own_id)
    choices = tuple((name, summary_of(block)) for name, block in fields.items())
    branches = tuple(
        BranchRow(
            f"{place.pointer}/branches/{number}",
            branch,
            _with(choices, branch["field"]),
            _answers(fields.get(branch["field"], {}), branch["value"]),
            _with(steps, branch["step"]),
        )
        for number, branch in enumerate(draft["steps"][place.step]["branches"])
    )
    may_branch = bool(fields) and bool(steps)
    title = step_title(place.step)
    return SettingsPanel("step", title, "lists", place.pointer, (), branches, may_branch)


def _answers(block: Mapping[str, Any], value: str) -> Choices:
    """The answers that an input can have; empty where any text is one."""
    if block.get("input") == "checkbox":
        return _with((("true", _("Yes")), ("false", _("No"))), value)
    if block.get("input") not in WITH_OPTIONS or not block["options"]:
        return ()
    options = [(each["value"], each["label"] or each["value"]) for each in block["options"]]
    return _with(tuple(options), value)


def _with(choices: Choices, value: str) -> Choices:
    """The choices and, where it is none of them, the value that is there now."""
    return choices if value in dict(choices) else ((value, value or "–"), *choices)


def _step_choices(draft: Draft) -> Choices:
    return tuple(
        (step["id"], f"{step_title(number)}: {_first_words(step)}")
        for number, step in enumerate(draft["steps"])
    )


def _first_words(step: Mapping[str, Any]) -> str:
    return summary_of(step["blocks"][0]) if step["blocks"] else _("empty")


def _language_panel(draft: Draft, language: str) -> SettingsPanel:
    texts = draft["translations"].get(language, {})
    rows: list[TranslationRow] = []
    step = -1
    for source in source_texts(draft):
        pointer = child(f"/translations/{language}", source.name)
        kind = block_kinds[source.block["type"]]
        words = (str(kind.label), str(source.attribute.label))
        label = ", ".join(dict.fromkeys(words))
        title = step_title(source.step) if source.step != step else ""
        step = source.step
        rows.append(TranslationRow(pointer, source, texts.get(source.name, ""), label, title))
    return SettingsPanel(
        "language",
        dict(settings.LANGUAGES)[language],
        "globe",
        rows=tuple(rows),
        language=language,
        share=share_of(draft, language),
    )
