"""A button: it submits, goes on, closes, or leads to an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import BlockKind, block_kinds
from segmenter.kernel.errors import Problem

SUBMIT, NEXT, CLOSE, LINK = "submit", "next", "close", "link"
ACTIONS = (
    (SUBMIT, _("Submit, then the next step")),
    (NEXT, _("Go to the next step")),
    (CLOSE, _("Close the form")),
    (LINK, _("Open an address")),
)


def _check(values: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    if values["action"] == LINK and not values["url"]:
        yield Problem(f"{pointer}/url", "required", gettext("The button needs an address."))


block_kinds.add(
    "button",
    BlockKind(
        label=_("Button"),
        icon="target",
        rank=70,
        check=lambda values, pointer: tuple(_check(values, pointer)),
        attributes=(
            Attribute("label", _("Label"), required=True, translates=True, most=80),
            Attribute("action", _("What it does"), Kind.CHOICE, SUBMIT, choices=ACTIONS),
            Attribute("url", _("Address"), Kind.URL, most=1_000, only_if=("action", (LINK,))),
            Attribute("is_quiet", _("Looks like a link"), Kind.FLAG, False),
        ),
    ),
)
