"""People in the European Union."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, in_european_union
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "inside-eu",
    ReadySegment(
        name=_("In the European Union"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who live in a country of the European Union."),
        next_step=_("Write what holds there only: customs, prices with tax, consent."),
        definition=lambda _values: every(in_european_union(inside=True)),
        other_words=_("gdpr europe geographic"),
    ),
)
