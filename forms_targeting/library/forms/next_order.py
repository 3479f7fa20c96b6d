"""Back for your next order: customers who are expected to order soon."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.library.blocks import (
    close_button,
    done_button,
    email_input,
    news_consent,
    submit_button,
)
from forms_targeting.library.local_text import LocalText, block, content, step
from forms_targeting.library.ready_form import ReadyForm, SuggestedSegment, ready_forms

SOON = {
    "type": "profile-predictive-analytics",
    "dimension": "expected_date_of_next_order",
    "filter": {"type": "date", "operator": "in-the-next", "quantity": 14, "unit": "day"},
}

ready_forms.add(
    "next_order",
    ReadyForm(
        name=_("Back for your next order"),
        purpose=_("Customers who are expected to order soon get a reason to order now."),
        rank=20,
        content=content(
            "flyout",
            step(
                "start",
                block(
                    "title",
                    "heading",
                    text=LocalText(
                        "Time for your next order?",
                        "Dags för din nästa beställning?",
                        "Czas na kolejne zamówienie?",
                    ),
                ),
                block(
                    "intro",
                    "text",
                    text=LocalText(
                        "Tell us where to send it, and your next delivery is free.",
                        "Säg vart vi ska skicka koden, så är nästa leverans gratis.",
                        "Podaj adres, a następną dostawę otrzymasz za darmo.",
                    ),
                ),
                email_input(),
                news_consent(),
                submit_button(
                    LocalText("Get free delivery", "Få fri frakt", "Odbierz darmową dostawę")
                ),
                close_button(),
            ),
            step(
                "code",
                block(
                    "code-title",
                    "heading",
                    text=LocalText("Welcome back", "Välkommen tillbaka", "Witamy ponownie"),
                ),
                block(
                    "coupon",
                    "coupon",
                    code="NEXTORDER",
                    text=LocalText(
                        "Your code for free delivery",
                        "Din kod för fri frakt",
                        "Twój kod na darmową dostawę",
                    ),
                ),
                done_button(),
            ),
            corner="bottom_right",
            width=360,
        ),
        behavior={
            "triggers": [{"trigger": "scroll", "share": 40}, {"trigger": "delay", "seconds": 20}],
            "again_after_days": 7,
        },
        segment=SuggestedSegment(
            _("Expected to order soon"), {"condition_groups": [{"conditions": [SOON]}]}
        ),
    ),
)
