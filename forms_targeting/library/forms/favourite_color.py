"""Favourite colour: one question whose answer makes later messages fit."""

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
    "favourite_color",
    ReadyForm(
        name=_("Favourite colour"),
        purpose=_("Visitors choose their favourite colour, so that later messages fit."),
        rank=60,
        content=content(
            "flyout",
            step(
                "start",
                block(
                    "title",
                    "heading",
                    text=LocalText(
                        "Which is your colour?", "Vilken är din färg?", "Jaki jest Twój kolor?"
                    ),
                ),
                block(
                    "color",
                    "field",
                    property="properties.Favourite colour",
                    input="radio",
                    label=LocalText("Favourite colour", "Favoritfärg", "Ulubiony kolor"),
                    is_required=True,
                    options=[
                        option("blue", LocalText("Blue", "Blå", "Niebieski")),
                        option("green", LocalText("Green", "Grön", "Zielony")),
                        option("red", LocalText("Red", "Röd", "Czerwony")),
                        option("black", LocalText("Black", "Svart", "Czarny")),
                        option("white", LocalText("White", "Vit", "Biały")),
                    ],
                ),
                email_input(),
                news_consent(),
                submit_button(LocalText("Tell us", "Berätta för oss", "Powiedz nam")),
                close_button(),
            ),
            step(
                "thanks",
                block(
                    "thanks-title",
                    "heading",
                    text=LocalText("A good choice", "Ett bra val", "Dobry wybór"),
                ),
                block(
                    "thanks-text",
                    "text",
                    text=LocalText(
                        "We show you more of it.",
                        "Vi visar dig mer av den.",
                        "Pokażemy Ci go więcej.",
                    ),
                ),
                done_button(),
            ),
            corner="bottom_left",
            width=360,
        ),
        behavior={"triggers": [{"trigger": "pages", "count": 3}], "again_after_days": 60},
    ),
)
