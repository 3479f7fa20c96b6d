"""Newsletter: the first consent of a visitor."""

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
from forms_targeting.library.ready_form import ReadyForm, ready_forms

ready_forms.add(
    "newsletter",
    ReadyForm(
        name=_("Newsletter"),
        purpose=_("Visitors leave their e-mail address and agree to news and offers."),
        rank=10,
        content=content(
            "popup",
            step(
                "start",
                block(
                    "title",
                    "heading",
                    text=LocalText(
                        "News worth opening", "Nyheter värda att öppna", "Nowości dla Ciebie"
                    ),
                ),
                block(
                    "intro",
                    "text",
                    text=LocalText(
                        "New products, ideas and offers. Once a week at most.",
                        "Nya varor, idéer och erbjudanden. Högst en gång i veckan.",
                        "Nowe produkty, pomysły i oferty. Najwyżej raz w tygodniu.",
                    ),
                ),
                email_input(),
                news_consent(is_required=True),
                submit_button(LocalText("Sign up", "Anmäl mig", "Zapisz mnie")),
                close_button(),
            ),
            step(
                "thanks",
                block(
                    "thanks-title",
                    "heading",
                    text=LocalText("Thank you", "Tack", "Dziękujemy"),
                ),
                block(
                    "thanks-text",
                    "text",
                    text=LocalText(
                        "You will hear from us soon.",
                        "Du hör snart från oss.",
                        "Wkrótce się odezwiemy.",
                    ),
                ),
                done_button(),
            ),
        ),
        rules=({"rule": "subscription", "operator": "not_subscribed", "channel": "email"},),
        behavior={"triggers": [{"trigger": "delay", "seconds": 8}], "again_after_days": 30},
    ),
)
