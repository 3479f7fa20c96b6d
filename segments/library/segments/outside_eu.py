"""People outside the European Union."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, in_european_union
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "outside-eu",
    ReadySegment(
        name=_("Outside the European Union"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who live in a country outside the European Union."),
        next_step=_("Tell them about shipping, customs and returns from abroad."),
        definition=lambda _values: every(in_european_union(inside=False)),
        other_words=_("gdpr europe geographic"),
    ),
)
