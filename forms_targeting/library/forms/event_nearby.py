"""Event near you: people who live near a place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.library.blocks import (
    close_button,
    done_button,
    email_input,
    first_name_input,
    news_consent,
    submit_button,
)
from forms_targeting.library.local_text import LocalText, block, content, option, step
from forms_targeting.library.ready_form import ReadyForm, SuggestedSegment, ready_forms

NEARBY = {
    "type": "profile-postal-code-distance",
    "country_code": "SE",
    "postal_code": "11120",
    "unit": "kilometers",
    "filter": {"type": "numeric", "operator": "less-than", "value": 50},
}

ready_forms.add(
    "event_nearby",
    ReadyForm(
        name=_("Event near you"),
        purpose=_("People who live near a place say whether they come to an event there."),
        rank=30,
        content=content(
            "popup",
            step(
                "start",
                block(
                    "title",
                    "heading",
                    text=LocalText(
                        "Meet us near you", "Träffa oss nära dig", "Spotkajmy się w Twojej okolicy"
                    ),
                ),
                block(
                    "intro",
                    "text",
                    text=LocalText(
                        "An evening in our shop with new products and something to drink. "
                        "Seats are few.",
                        "En kväll i vår butik med nya varor och något att dricka. Platserna är få.",
                        "Wieczór w naszym sklepie: nowe produkty i poczęstunek. "
                        "Liczba miejsc jest ograniczona.",
                    ),
                ),
                block(
                    "answer",
                    "field",
                    property="properties.Event answer",
                    input="radio",
                    label=LocalText("Will you come?", "Kommer du?", "Czy przyjdziesz?"),
                    is_required=True,
                    options=[
                        option("yes", LocalText("Yes", "Ja", "Tak")),
                        option("maybe", LocalText("Perhaps", "Kanske", "Może")),
                    ],
                ),
                first_name_input(),
                email_input(),
                news_consent(),
                submit_button(LocalText("Save me a seat", "Spara en plats", "Zarezerwuj miejsce")),
                close_button(),
            ),
            step(
                "thanks",
                block(
                    "thanks-title",
                    "heading",
                    text=LocalText("See you there", "Vi ses där", "Do zobaczenia"),
                ),
                block(
                    "thanks-text",
                    "text",
                    text=LocalText(
                        "We have noted your answer. The address and the time come by e-mail.",
                        "Vi har ditt svar. Adress och tid kommer med e-post.",
                        "Mamy Twoją odpowiedź. Adres i godzinę wyślemy e-mailem.",
                    ),
                ),
                done_button(),
            ),
        ),
        behavior={"triggers": [{"trigger": "delay", "seconds": 5}], "again_after_days": 14},
        segment=SuggestedSegment(
            _("Near a place"), {"condition_groups": [{"conditions": [NEARBY]}]}
        ),
    ),
)
