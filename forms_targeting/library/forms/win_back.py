"""Win-back: customers who come from a campaign of that name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.library.blocks import (
    close_button,
    done_button,
    email_input,
    news_consent,
    submit_button,
)
from forms_targeting.library.local_text import LocalText, block, content, option, step
from forms_targeting.library.ready_form import ReadyForm, ready_forms

ready_forms.add(
    "win_back",
    ReadyForm(
        name=_("Win-back"),
        purpose=_("Customers who return through a win-back campaign say why, and get a code."),
        rank=40,
        content=content(
            "popup",
            step(
                "start",
                block(
                    "title",
                    "heading",
                    text=LocalText(
                        "Good to see you again", "Kul att se dig igen", "Miło Cię znów widzieć"
                    ),
                ),
                block(
                    "reason",
                    "field",
                    property="properties.Win-back reason",
                    input="radio",
                    label=LocalText(
                        "What would bring you back?",
                        "Vad skulle få dig att komma tillbaka?",
                        "Co by Cię skłoniło do powrotu?",
                    ),
                    options=[
                        option("price", LocalText("A better price", "Bättre pris", "Lepsza cena")),
                        option(
                            "choice",
                            LocalText("More to choose from", "Större urval", "Większy wybór"),
                        ),
                        option(
                            "delivery",
                            LocalText("Faster delivery", "Snabbare leverans", "Szybsza dostawa"),
                        ),
                    ],
                ),
                email_input(),
                news_consent(),
                submit_button(LocalText("Show my code", "Visa min kod", "Pokaż mój kod")),
                close_button(),
            ),
            step(
                "code",
                block(
                    "code-title",
                    "heading",
                    text=LocalText("This is for you", "Den här är till dig", "To dla Ciebie"),
                ),
                block(
                    "coupon",
                    "coupon",
                    code="WELCOMEBACK",
                    text=LocalText(
                        "15% off your next order",
                        "15 % rabatt på nästa beställning",
                        "15% zniżki na następne zamówienie",
                    ),
                ),
                done_button(),
            ),
        ),
        rules=(
            {
                "rule": "utm",
                "parameter": "campaign",
                "operator": "contains",
                "texts": ["win-back", "winback"],
            },
        ),
        behavior={"triggers": [{"trigger": "delay", "seconds": 3}], "again_after_days": 30},
    ),
)
