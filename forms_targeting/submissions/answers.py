"""Checks what a visitor entered against the form's content, and says what it means for people.

Pure. Only inputs of the version that was shown count, and each has the type that the form gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from forms_targeting.content.block import FormBlock
from forms_targeting.content.blocks.field import PREFIX
from forms_targeting.content.form_content import FormContent, FormStep
from profiles.ingest.identifiers import international_number
from profiles.ingest.parse import LOCATION_FIELDS, read_profile
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import child

VALUES, CONSENTS = "/data/attributes/values", "/data/attributes/consents"
MOST_TEXT, MOST_LONG_TEXT = 500, 5_000
_MOST_NUMBER = 1e15
_IDENTIFIERS = ("email", "phone_number")


@dataclass
class Answers:
    """What somebody entered, in the names of the exchange format."""

    identifiers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    location: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)

    def set(self, name: str, value: Any) -> None:
        """Set a field or a property by the name that the form's block has for it."""
        if name.startswith(PREFIX):
            self.properties[name.removeprefix(PREFIX).strip()] = value
        elif name in _IDENTIFIERS:
            self.identifiers[name] = value
        elif name in LOCATION_FIELDS:
            self.location[name] = value
        else:
            self.fields[name] = value


def read_answers(
    content: FormContent,
    step: FormStep,
    values: Mapping[str, Any],
    consents: Mapping[str, Any],
    *,
    country: str,
) -> tuple[Answers, list[FormBlock]]:
    """Return the answers, and the consent blocks that are checked and have an address.

    `step` is the one that is submitted: what must be filled in there is. `country` is the code of
    the country by which national phone numbers are read, or "". Raises Invalid with the place of
    every input that the visitor must correct.
    """
    problems: list[Problem] = []
    answers = Answers()
    inputs = {block.id: block for block in content.of_type("field")}
    for id_ in values.keys() - inputs.keys():
        problems.append(Problem(child(VALUES, id_), "unknown", _("The form has no such input.")))
    for block in inputs.values():
        is_here = any(block.id == other.id for other in step.blocks)
        if block.values["input"] == "hidden":
            if is_here or block.id in values:
                answers.set(block.values["property"], block.values["value"])
            continue
        try:
            value = _read(block, values.get(block.id), child(VALUES, block.id), country)
        except Invalid as error:
            problems += error.problems
            continue
        if value is not None and not (value is False and block.values["is_required"]):
            answers.set(block.values["property"], value)
        elif is_here and block.values["is_required"]:
            message = _("Please fill this in.")
            problems.append(Problem(child(VALUES, block.id), "required", message))
    consent_blocks = _checked(content, step, consents, problems)
    problems += _without_address(content, step, consent_blocks, values)
    if problems:
        raise Invalid(*problems)
    identifiers = answers.identifiers
    return answers, [
        b for b in consent_blocks if address_of_channel(b.values["channel"]) in identifiers
    ]


def _checked(
    content: FormContent, step: FormStep, consents: Mapping[str, Any], problems: list[Problem]
) -> list[FormBlock]:
    boxes = {block.id: block for block in content.of_type("consent")}
    for id_, value in consents.items():
        place = child(CONSENTS, id_)
        if id_ not in boxes:
            problems.append(Problem(place, "unknown", _("The form has no such input.")))
        elif not isinstance(value, bool):
            problems.append(Problem(place, "invalid", _("Yes or no is needed here.")))
    for block in step.blocks:
        is_missing = block.type == "consent" and consents.get(block.id) is not True
        if is_missing and block.values["is_required"]:
            message = _("Please check this box to go on.")
            problems.append(Problem(child(CONSENTS, block.id), "required", message))
    return [block for id_, block in boxes.items() if consents.get(id_) is True]


def _without_address(
    content: FormContent, step: FormStep, consent_blocks: list[FormBlock], values: Mapping[str, Any]
) -> Iterator[Problem]:
    """Whoever agrees to messages must say where to; a later step may ask for it."""
    steps_so_far = content.steps[: content.steps.index(step) + 1]
    for name in {address_of_channel(block.values["channel"]) for block in consent_blocks}:
        inputs = [b for b in content.of_type("field") if b.values["property"] == name]
        if any(_is_filled(values.get(block.id)) for block in inputs):
            continue
        places = [b for part in steps_so_far for b in part.blocks if b in inputs]
        is_last = step == content.steps[-1]
        if places or is_last or not inputs:
            here = [block for block in places if block in step.blocks] or places
            place = child(VALUES, here[0].id) if here else VALUES
            yield Problem(place, "required", _("This is needed for the messages you agreed to."))


def address_of_channel(channel: str) -> str:
    """Return the identifier that a channel's messages go to."""
    return "email" if channel == "email" else "phone_number"


def _is_filled(value: Any) -> bool:
    return value not in (None, "", []) and not (isinstance(value, str) and not value.strip())


def _read(block: FormBlock, value: Any, pointer: str, country: str) -> Any:
    """The value of one input; None if it is empty."""
    if not _is_filled(value):
        return None
    kind = block.values["input"]
    if kind == "checkbox":
        if not isinstance(value, bool):
            raise _invalid(pointer, _("Yes or no is needed here."))
        return value
    if kind == "checkboxes":
        return _options(block, value, pointer)
    if kind == "number":
        return _number(value, pointer)
    if not isinstance(value, str):
        raise _invalid(pointer, _("A text is needed here."))
    return _text(block, value.strip(), pointer, country)


def _text(block: FormBlock, text: str, pointer: str, country: str) -> str:
    kind = block.values["input"]
    most = MOST_LONG_TEXT if kind == "long_text" and _is_property(block) else MOST_TEXT
    if len(text) > most:
        message = _("At most %(most)d characters fit here.") % {"most": most}
        raise Invalid(Problem(pointer, "too_long", message))
    if kind == "email":
        return _identifier("email", text, pointer, _("This is not an e-mail address."))
    if kind == "phone":
        number = international_number(text, country)
        if number is None:
            message = _("This is not a phone number. Begin with + and the country's code.")
            raise _invalid(pointer, message)
        return _identifier("phone_number", number, pointer, "")
    if kind == "date" and not _is_date(text):
        raise _invalid(pointer, _("This is not a date."))
    if kind in ("select", "radio") and text not in _option_values(block):
        raise _invalid(pointer, _("This is not one of the choices."))
    return text


def _identifier(name: str, text: str, pointer: str, message: str) -> str:
    """An e-mail address or phone number by the rules that hold for all records."""
    try:
        value = read_profile({name: text}).identifiers[name]
    except (Invalid, KeyError):
        raise _invalid(pointer, message or _("This is not a phone number.")) from None
    assert value is not None  # a text was read
    return value


def _is_property(block: FormBlock) -> bool:
    return bool(block.values["property"].startswith(PREFIX))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text and text >= "1000"
    except ValueError:
        return False


def _option_values(block: FormBlock) -> list[str]:
    return [option["value"] for option in block.values["options"]]


def _options(block: FormBlock, value: Any, pointer: str) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    allowed = _option_values(block)
    if not all(isinstance(each, str) and each in allowed for each in texts):
        raise _invalid(pointer, _("This is not one of the choices."))
    return [each for each in allowed if each in texts]


def _number(value: Any, pointer: str) -> float:
    message = _("This is not a number.")
    if isinstance(value, str):
        text = value.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
        if len(text) > 40 or not text.isascii() or "_" in text:
            raise _invalid(pointer, message)
        try:
            value = int(text) if text.lstrip("+-").isdecimal() else float(text)
        except ValueError:
            raise _invalid(pointer, message) from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(pointer, message)
    if not isfinite(value) or abs(value) > _MOST_NUMBER:
        raise _invalid(pointer, message)
    return value


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(Problem(pointer, "invalid", message))
