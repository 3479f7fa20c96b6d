"""An input that is bound to a field or a property of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import BlockKind, block_kinds
from segmenter.kernel.errors import Problem

INPUTS = (
    ("email", _("E-mail address")),
    ("phone", _("Phone number")),
    ("text", _("Text")),
    ("long_text", _("Long text")),
    ("number", _("Number")),
    ("date", _("Date")),
    ("select", _("One of a list")),
    ("radio", _("One of several")),
    ("checkboxes", _("Any of several")),
    ("checkbox", _("Yes or no")),
    ("hidden", _("Hidden value")),
)
WITH_OPTIONS = ("select", "radio", "checkboxes")
VISIBLE_INPUTS = tuple(name for name, _label in INPUTS if name != "hidden")
TYPED_INPUTS = ("email", "phone", "text", "long_text", "number", "select")
"""Inputs with an example in them before anything is entered."""
FIELDS = (
    *("email", "phone_number", "first_name", "last_name", "organization", "title", "locale"),
    *("address1", "address2", "city", "region", "country", "zip"),
)
"""What people have besides properties of their own, whose names begin with PREFIX."""
PREFIX = "properties."
FIXED_INPUTS = {"email": "email", "phone_number": "phone"}
"""Fields that only this input fits."""
NOT_FOR_FIELDS = frozenset({"number", "checkbox", "checkboxes"})
"""Inputs whose answers are no text, as fields of people are."""


def _check(values: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    name, input_ = values["property"], values["input"]
    if name not in FIELDS and not (name.startswith(PREFIX) and name.removeprefix(PREFIX).strip()):
        message = gettext(
            "There is no field of this name. Names of properties begin with properties."
        )
        yield Problem(f"{pointer}/property", "invalid", message)
    if name in FIXED_INPUTS and input_ != FIXED_INPUTS[name]:
        message = gettext("An e-mail address or phone number needs an input of its kind.")
        yield Problem(f"{pointer}/input", "invalid", message)
    if name in FIELDS and input_ in NOT_FOR_FIELDS:
        message = gettext("This field of people holds text.")
        yield Problem(f"{pointer}/input", "invalid", message)
    if input_ in WITH_OPTIONS and not values["options"]:
        yield Problem(f"{pointer}/options", "required", gettext("At least one option is needed."))
    if input_ == "hidden" and not values["value"]:
        yield Problem(f"{pointer}/value", "required", gettext("A hidden input needs its value."))
    if input_ != "hidden" and not values["label"]:
        yield Problem(f"{pointer}/label", "required", gettext("An input needs a label."))


block_kinds.add(
    "field",
    BlockKind(
        label=_("Input"),
        icon="form",
        rank=40,
        check=lambda values, pointer: tuple(_check(values, pointer)),
        attributes=(
            Attribute("property", _("Property"), Kind.PROPERTY, required=True, most=200),
            Attribute("input", _("Kind of input"), Kind.CHOICE, "text", choices=INPUTS),
            Attribute(
                "label", _("Label"), translates=True, most=200, only_if=("input", VISIBLE_INPUTS)
            ),
            Attribute(
                "placeholder",
                _("Example"),
                translates=True,
                most=200,
                only_if=("input", TYPED_INPUTS),
            ),
            Attribute(
                "is_required",
                _("Must be filled in"),
                Kind.FLAG,
                False,
                only_if=("input", VISIBLE_INPUTS),
            ),
            Attribute(
                "options",
                _("Options"),
                Kind.OPTIONS,
                translates=True,
                most=200,
                only_if=("input", WITH_OPTIONS),
            ),
            Attribute("value", _("Value"), most=200, only_if=("input", ("hidden",))),
        ),
    ),
)
