"""Back in stock: a visitor waits for a product. The product's page opens the form."""

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
    "back_in_stock",
    ReadyForm(
        name=_("Back in stock"),
        purpose=_("Visitors of a product that is sold out ask for a message when it is back."),
        rank=70,
        content=content(
            "popup",
            step(
                "start",
                block(
                    "title",
                    "heading",
                    text=LocalText("Sold out for now", "Slut just nu", "Chwilowo niedostępne"),
                ),
                block(
                    "intro",
                    "text",
                    text=LocalText(
                        "Leave your address, and we write when it is back.",
                        "Lämna din adress, så skriver vi när varan är tillbaka.",
                        "Zostaw adres, a napiszemy, gdy produkt wróci.",
                    ),
                ),
                email_input(),
                block(
                    "waits",
                    "field",
                    property="properties.Waits for a product",
                    input="hidden",
                    value="yes",
                ),
                news_consent(),
                submit_button(LocalText("Write to me", "Skriv till mig", "Napiszcie do mnie")),
                close_button(),
            ),
            step(
                "thanks",
                block("thanks-title", "heading", text=LocalText("Thank you", "Tack", "Dziękujemy")),
                block(
                    "thanks-text",
                    "text",
                    text=LocalText(
                        "We write as soon as it is back.",
                        "Vi skriver så snart varan är tillbaka.",
                        "Napiszemy, gdy tylko produkt wróci.",
                    ),
                ),
                done_button(),
            ),
        ),
        behavior={
            "triggers": [{"trigger": "custom", "name": "back-in-stock"}],
            "again_after_days": 0,
            "stops_after_submit": False,
        },
    ),
)
