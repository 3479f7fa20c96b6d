"""New people of a list who have not ordered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, every, last, never
from segments.library.parameters import ListParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "new-subscribers",
    ReadySegment(
        name=_("New subscribers"),
        purposes=(Purpose.ADS,),
        what_for=_("People who joined your newsletter lately and have never ordered."),
        next_step=_("Welcome them with ads that tell the same story as your first e-mails."),
        definition=lambda p: every(
            {
                "type": "profile-group-membership",
                "is_member": True,
                "group_ids": [p["list"]],
                "timeframe_filter": last(p["days"]),
            },
            never(ORDER),
        ),
        parameters=(
            ListParameter("list", _("List")),
            days(30),
        ),
        other_words=_("newsletter welcome list"),
    ),
)
