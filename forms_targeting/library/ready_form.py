"""Ready-made forms: what each is for, what it says in three languages, and to whom it goes.

One file of `forms/` declares each. Their texts are part of the form's content, not of the
interface: visitors get them in their own language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms_targeting.attributes import Words
from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class SuggestedSegment:
    """The people whom a form is meant for, as a segment that the marketer can build."""

    label: Words
    definition: Mapping[str, Any]
    """What the builder opens with; the marketer completes it."""


@dataclass(frozen=True)
class ReadyForm:
    """A form to begin with."""

    name: Words
    purpose: Words
    """One sentence."""
    rank: int
    """Order on the page; smaller is higher."""
    content: Mapping[str, Any]
    """Valid for `read_content`."""
    rules: Sequence[Mapping[str, Any]] = ()
    """Suggested rules besides that of segments, which the marketer chooses."""
    behavior: Mapping[str, Any] = field(default_factory=dict)
    segment: SuggestedSegment | None = None


ready_forms: Registry[ReadyForm] = Registry("ready-made form")
