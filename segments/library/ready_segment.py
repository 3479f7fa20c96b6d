"""Ready-made segments: what each is for, its parameters, its definition with them.

One file of `segments/` declares each. Knows no account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.registry import Registry
from segments.library.parameters import Parameter

Words = str | Promise
Template = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Takes the values of the parameters; returns a definition that names its metrics."""


class Purpose(Enum):
    """Groups of the library, in the order of the page. The value is the one in addresses."""

    MESSAGES = "messages"
    FORMS = "forms"
    ANALYSIS = "analysis"
    ADS = "ads"
    PERSONAS = "personas"
    NEWSLETTER = "newsletter"
    KINDS = "kinds"

    @property
    def label(self) -> Words:
        return PURPOSES[self]


PURPOSES: Mapping[Purpose, Words] = {
    Purpose.MESSAGES: _("E-mail and SMS"),
    Purpose.FORMS: _("Forms"),
    Purpose.ANALYSIS: _("Analysis"),
    Purpose.ADS: _("Ads"),
    Purpose.PERSONAS: _("Personas"),
    Purpose.NEWSLETTER: _("Newsletter"),
    Purpose.KINDS: _("By kind"),
}


@dataclass(frozen=True)
class FollowUp:
    """What the segment is saved for: a page of another room that opens after saving."""

    label: Words
    url: str
    """Name of the URL, which takes the segment's key."""
    query: str = ""


@dataclass(frozen=True)
class ReadySegment:
    """A segment to begin with."""

    name: Words
    purposes: tuple[Purpose, ...]
    what_for: Words
    """One sentence."""
    next_step: Words
    """What to do with these people."""
    definition: Template | None
    """None for an entry that leads to a page of a segment that exists."""
    parameters: tuple[Parameter, ...] = ()
    follow_up: FollowUp | None = None
    other_words: Words = ""
    """More words under which it is found, separated by spaces."""


ready_segments: Registry[ReadySegment] = Registry("ready-made segment")


def personas() -> dict[str, ReadySegment]:
    """The personas by activity, by key."""
    return {
        key: ready for key, ready in ready_segments.items() if Purpose.PERSONAS in ready.purposes
    }
