"""Clicked in an invitation and did not register."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import CLICK, EVER, FORM, equals, every, tests_of
from segments.library.parameters import CampaignParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import FORM_NAMES, days

ready_segments.add(
    "clicked-not-registered",
    ReadySegment(
        name=_("Clicked, not registered"),
        purposes=(Purpose.NEWSLETTER,),
        what_for=_("People who clicked in an invitation and did not fill in the form."),
        next_step=_("Remind them, and say how many places are left."),
        definition=lambda p: every(
            {
                "type": "profile-metric-funnel",
                "timeframe_filter": EVER,
                "completion_window_seconds": p["days"] * 86_400,
                "steps": [
                    {
                        "metric_exists": True,
                        "metric": CLICK,
                        "metric_filters": tests_of(Campaign_Name=equals(p["campaign"])),
                    },
                    {
                        "metric_exists": False,
                        "metric": FORM,
                        "metric_filters": tests_of(Form=equals(p["form"])),
                    },
                ],
            }
        ),
        parameters=(
            CampaignParameter("campaign", _("Campaign")),
            TextParameter("form", _("Form"), "Registration", FORM_NAMES),
            days(14, _("Within")),
        ),
        other_words=_("event funnel registration"),
    ),
)
