"""A sample of a segment, to try something on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "test-sample",
    ReadySegment(
        name=_("Test sample"),
        purposes=(Purpose.ANALYSIS,),
        what_for=_("Some people of a segment at random, on a list, to try a campaign on."),
        next_step=_("Send to the sample, read its report, then write to the others."),
        definition=None,
        other_words=_("random control group experiment"),
    ),
)
