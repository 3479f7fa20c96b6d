"""The content of a form: its kind, look, steps and translations; read from JSON and back.

`read_content` is the only reader; what it returns holds everywhere: ids are unique, every step that
is named exists, a form that asks for anything can be submitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind, Words, read_values
from forms_targeting.content.block import FormBlock, block_kinds, read_block_values
from forms_targeting.content.blocks.button import NEXT, SUBMIT
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import child
from segmenter.kernel.registry import import_all

import_all("forms_targeting.content.blocks")

POPUP, FLYOUT, FULL_PAGE, EMBEDDED, BANNER = "popup", "flyout", "full_page", "embedded", "banner"
KINDS = (
    (POPUP, _("Popup")),
    (FLYOUT, _("Flyout")),
    (FULL_PAGE, _("Full page")),
    (EMBEDDED, _("Embedded")),
    (BANNER, _("Banner")),
)
CORNERS = (
    ("bottom_right", _("Bottom right")),
    ("bottom_left", _("Bottom left")),
    ("top_right", _("Top right")),
    ("top_left", _("Top left")),
)
"""Where a flyout is; a banner is at the top or the bottom of the page."""
FONTS = (
    ("page", _("As the shop's page")),
    ("system", _("Font of the device")),
    ("serif", _("Serif")),
    ("mono", _("Monospace")),
)


def _color(name: str, label: Words, default: str) -> Attribute:
    return Attribute(name, label, Kind.COLOR, default, only_if=("from_page", (False,)))


STYLE = (
    Attribute("from_page", _("Colors of the shop's page"), Kind.FLAG, False),
    _color("background", _("Background"), "#ffffff"),
    _color("text", _("Text"), "#1a1a1a"),
    _color("button", _("Button"), "#1f4fd8"),
    _color("button_text", _("Text of the button"), "#ffffff"),
    Attribute("font", _("Font"), Kind.CHOICE, "page", choices=FONTS),
    Attribute("radius", _("Rounded corners in pixels"), Kind.NUMBER, 8, least=0, most=40),
    Attribute("width", _("Width in pixels"), Kind.NUMBER, 440, least=240, most=1_200),
    Attribute(
        "corner",
        _("Corner"),
        Kind.CHOICE,
        "bottom_right",
        choices=CORNERS,
        only_if=("kind", (FLYOUT, BANNER)),
    ),
)
MOST_STEPS, MOST_BLOCKS, MOST_BRANCHES = 12, 30, 20
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True)
class Branch:
    """Where a step leads if one of its inputs has a value: `step` is the id of another step."""

    field: str
    """Id of the block with the input."""
    value: str
    step: str


@dataclass(frozen=True)
class FormStep:
    """Blocks that are shown together. The next one follows unless a branch leads elsewhere."""

    id: str
    blocks: tuple[FormBlock, ...]
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class FormContent:
    """What visitors see of a form."""

    kind: str
    steps: tuple[FormStep, ...]
    style: Mapping[str, Any]
    language: str = "en"
    """The language of the texts in the blocks."""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language to texts: "<block id>.<attribute>" (options: "<block id>.options.<value>")."""

    @property
    def blocks(self) -> Iterator[FormBlock]:
        return (block for step in self.steps for block in step.blocks)

    def of_type(self, type_: str) -> list[FormBlock]:
        return [block for block in self.blocks if block.type == type_]

    def block(self, id_: str) -> FormBlock | None:
        return next((block for block in self.blocks if block.id == id_), None)


def read_content(record: Any) -> FormContent:
    """Return the content that a JSON value says. Raises Invalid with every problem's pointer."""
    if not isinstance(record, Mapping):
        raise Invalid(Problem("", "invalid", gettext("The content of a form is an object.")))
    problems: list[Problem] = []
    kind = record.get("kind")
    if kind not in dict(KINDS):
        problems.append(Problem("/kind", "invalid", gettext("There is no such kind of form.")))
    language = record.get("language", "en")
    if language not in LANGUAGES:
        problems.append(Problem("/language", "invalid", gettext("There is no such language.")))
    style = _style(record.get("style") or {}, problems)
    steps = _steps(record.get("steps"), problems)
    if problems:
        raise Invalid(*problems)
    content = FormContent(str(kind), steps, style, language)
    problems += _whole(content)
    translations = _translations(content, record.get("translations") or {}, problems)
    if problems:
        raise Invalid(*problems)
    return FormContent(content.kind, steps, style, language, translations)


def write_content(content: FormContent) -> dict[str, Any]:
    """Return the JSON value that `read_content` reads as this content."""
    return {
        "kind": content.kind,
        "language": content.language,
        "style": dict(content.style),
        "steps": [
            {
                "id": step.id,
                "blocks": [{"id": b.id, "type": b.type, **b.values} for b in step.blocks],
                "branches": [
                    {"field": b.field, "value": b.value, "step": b.step} for b in step.branches
                ],
            }
            for step in content.steps
        ],
        "translations": {name: dict(texts) for name, texts in content.translations.items()},
    }


def translatable_texts(content: FormContent) -> dict[str, str]:
    """Return the texts that a language has words of its own for, by their name in translations."""
    texts: dict[str, str] = {}
    for block in content.blocks:
        for attribute in block.kind.attributes:
            if not attribute.translates:
                continue
            value = block.values[attribute.name]
            if attribute.kind is Kind.OPTIONS:
                for option in value:
                    texts[f"{block.id}.{attribute.name}.{option['value']}"] = option["label"]
            elif value:
                texts[f"{block.id}.{attribute.name}"] = value
    return texts


def _style(record: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        problems.append(Problem("/style", "invalid", gettext("The style of a form is an object.")))
        return {}
    try:
        return read_values(STYLE, record, "/style")
    except Invalid as error:
        problems += error.problems
        return {}


def _steps(records: Any, problems: list[Problem]) -> tuple[FormStep, ...]:
    if not isinstance(records, list) or not records:
        problems.append(Problem("/steps", "required", gettext("A form needs a step.")))
        return ()
    if len(records) > MOST_STEPS:
        message = gettext("A form has at most %(most)d steps.") % {"most": MOST_STEPS}
        problems.append(Problem("/steps", "too_many", message))
        return ()
    steps = []
    for index, record in enumerate(records):
        pointer = f"/steps/{index}"
        if not isinstance(record, Mapping):
            problems.append(Problem(pointer, "invalid", gettext("A step is an object.")))
            continue
        blocks = _blocks(record.get("blocks"), f"{pointer}/blocks", problems)
        branches = _branches(record.get("branches") or [], f"{pointer}/branches", problems)
        steps.append(FormStep(_id(record.get("id"), f"{pointer}/id", problems), blocks, branches))
    return tuple(steps)


def _blocks(records: Any, pointer: str, problems: list[Problem]) -> tuple[FormBlock, ...]:
    if not isinstance(records, list) or not records:
        problems.append(Problem(pointer, "required", gettext("A step needs something to show.")))
        return ()
    if len(records) > MOST_BLOCKS:
        message = gettext("A step has at most %(most)d blocks.") % {"most": MOST_BLOCKS}
        problems.append(Problem(pointer, "too_many", message))
        return ()
    blocks = []
    for index, record in enumerate(records):
        place = f"{pointer}/{index}"
        type_ = record.get("type") if isinstance(record, Mapping) else None
        if not isinstance(type_, str) or type_ not in block_kinds:
            message = gettext("There is no such kind of block.")
            problems.append(Problem(f"{place}/type", "invalid", message))
            continue
        id_ = _id(record.get("id"), f"{place}/id", problems)
        try:
            blocks.append(FormBlock(id_, type_, read_block_values(type_, record, place)))
        except Invalid as error:
            problems += error.problems
    return tuple(blocks)


def _branches(records: Any, pointer: str, problems: list[Problem]) -> tuple[Branch, ...]:
    if not isinstance(records, list) or len(records) > MOST_BRANCHES:
        message = gettext("At most %(most)d entries fit here.") % {"most": MOST_BRANCHES}
        problems.append(Problem(pointer, "invalid", message))
        return ()
    branches = []
    for index, record in enumerate(records):
        values = record if isinstance(record, Mapping) else {}
        texts = [values.get(name) for name in ("field", "value", "step")]
        if all(isinstance(text, str) and text for text in texts):
            branches.append(Branch(*map(str, texts)))
        else:
            message = gettext("A branch has an input, a value and a step.")
            problems.append(Problem(f"{pointer}/{index}", "invalid", message))
    return tuple(branches)


def _id(value: Any, pointer: str, problems: list[Problem]) -> str:
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    message = gettext("An id is up to 40 small letters, digits, - and _.")
    problems.append(Problem(pointer, "invalid", message))
    return ""


def _whole(content: FormContent) -> Iterator[Problem]:
    """What is wrong with parts of a content that are right each by itself."""
    for name, ids in (
        ("steps", [step.id for step in content.steps]),
        ("blocks", [block.id for block in content.blocks]),
    ):
        if len(set(ids)) < len(ids):
            yield Problem(f"/{name}", "duplicate", gettext("An id occurs twice."))
    steps = {step.id for step in content.steps}
    fields: set[str] = set()
    for index, step in enumerate(content.steps):
        fields |= {block.id for block in step.blocks if block.type == "field"}
        for number, branch in enumerate(step.branches):
            pointer = f"/steps/{index}/branches/{number}"
            if branch.step not in steps:
                yield Problem(f"{pointer}/step", "invalid", gettext("There is no such step."))
            if branch.field not in fields:
                message = gettext("There is no such input on this step or before it.")
                yield Problem(f"{pointer}/field", "invalid", message)
        is_last = index == len(content.steps) - 1
        for place, block in enumerate(step.blocks):
            if is_last and block.type == "button" and block.values["action"] == NEXT:
                pointer = f"/steps/{index}/blocks/{place}/action"
                yield Problem(pointer, "invalid", gettext("No step follows this one."))
    asks = any(block.type in {"field", "consent"} for block in content.blocks)
    buttons = [block.values["action"] for block in content.of_type("button")]
    if asks and SUBMIT not in buttons:
        message = gettext("A form with inputs needs a button that submits.")
        yield Problem("/steps", "no_submit", message)
    yield from _consents(content)


def _consents(content: FormContent) -> Iterator[Problem]:
    """A consent to a channel needs an input for its address, unless the visitor is known."""
    fields = {block.values["property"] for block in content.of_type("field")}
    needs = {"email": "email"}
    for index, step in enumerate(content.steps):
        for place, block in enumerate(step.blocks):
            if block.type != "consent":
                continue
            needed = needs.get(block.values["channel"], "phone_number")
            if needed not in fields:
                message = gettext("A consent to this channel needs an input for its address.")
                yield Problem(f"/steps/{index}/blocks/{place}/channel", "no_address", message)


def _translations(
    content: FormContent, record: Any, problems: list[Problem]
) -> dict[str, dict[str, str]]:
    """The texts of each language; those of blocks that are gone are dropped."""
    if not isinstance(record, Mapping):
        problems.append(Problem("/translations", "invalid", gettext("Translations are an object.")))
        return {}
    known = translatable_texts(content)
    translations: dict[str, dict[str, str]] = {}
    for language, texts in record.items():
        pointer = child("/translations", str(language))
        if language not in LANGUAGES or not isinstance(texts, Mapping):
            problems.append(Problem(pointer, "invalid", gettext("There is no such language.")))
            continue
        for name, text in texts.items():
            if not isinstance(text, str) or len(text) > 2_000:
                message = gettext("A text is needed here.")
                problems.append(Problem(child(pointer, str(name)), "invalid", message))
            elif name in known and text.strip():
                translations.setdefault(language, {})[name] = text.strip()
    return translations
