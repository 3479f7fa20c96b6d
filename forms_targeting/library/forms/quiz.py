"""Quiz: what a visitor needs, stored as a property to build segments with."""

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

ON = LocalText("Go on", "Fortsätt", "Dalej")

ready_forms.add(
    "quiz",
    ReadyForm(
        name=_("Quiz"),
        purpose=_("Visitors answer what they need and get the answer that fits them."),
        rank=50,
        content=content(
            "full_page",
            step(
                "need",
                block(
                    "title",
                    "heading",
                    text=LocalText(
                        "What are you looking for?", "Vad letar du efter?", "Czego szukasz?"
                    ),
                ),
                block(
                    "quiz-answer",
                    "field",
                    property="properties.Quiz answer",
                    input="radio",
                    label=LocalText("I need", "Jag behöver", "Potrzebuję"),
                    is_required=True,
                    options=[
                        option("gift", LocalText("A gift", "En present", "Prezentu")),
                        option(
                            "myself",
                            LocalText(
                                "Something for myself", "Något till mig själv", "Czegoś dla siebie"
                            ),
                        ),
                        option(
                            "home",
                            LocalText(
                                "Something for the home", "Något till hemmet", "Czegoś do domu"
                            ),
                        ),
                    ],
                ),
                block("need-next", "button", label=ON, action="next"),
                close_button(),
                branches={"quiz-answer=gift": "gift"},
            ),
            step(
                "taste",
                block(
                    "taste-title",
                    "heading",
                    text=LocalText(
                        "What matters most to you?",
                        "Vad är viktigast för dig?",
                        "Co jest dla Ciebie najważniejsze?",
                    ),
                ),
                block(
                    "priority",
                    "field",
                    property="properties.Quiz priority",
                    input="radio",
                    label=LocalText("Most important", "Viktigast", "Najważniejsze"),
                    is_required=True,
                    options=[
                        option("quality", LocalText("Quality", "Kvalitet", "Jakość")),
                        option("price", LocalText("Price", "Pris", "Cena")),
                        option(
                            "sustainable", LocalText("Sustainability", "Hållbarhet", "Ekologia")
                        ),
                    ],
                ),
                block("taste-next", "button", label=ON, action="next"),
                branches={
                    "quiz-answer=myself": "result",
                    "quiz-answer=home": "result",
                },
            ),
            step(
                "gift",
                block(
                    "gift-title",
                    "heading",
                    text=LocalText(
                        "What may the gift cost?",
                        "Vad får presenten kosta?",
                        "Ile może kosztować prezent?",
                    ),
                ),
                block(
                    "budget",
                    "field",
                    property="properties.Gift budget",
                    input="radio",
                    label=LocalText("Price of the gift", "Presentens pris", "Cena prezentu"),
                    is_required=True,
                    options=[
                        option("small", LocalText("A small sum", "En liten summa", "Niewiele")),
                        option("medium", LocalText("Something between", "Mittemellan", "Średnio")),
                        option("large", LocalText("Quite a lot", "Ganska mycket", "Dość dużo")),
                    ],
                ),
                block("gift-next", "button", label=ON, action="next"),
            ),
            step(
                "result",
                block(
                    "result-title",
                    "heading",
                    text=LocalText(
                        "Where shall we send your answer?",
                        "Vart ska vi skicka ditt svar?",
                        "Dokąd wysłać Twoją odpowiedź?",
                    ),
                ),
                email_input(),
                news_consent(),
                submit_button(LocalText("Send it", "Skicka", "Wyślij")),
            ),
            step(
                "thanks",
                block("thanks-title", "heading", text=LocalText("Thank you", "Tack", "Dziękujemy")),
                block(
                    "thanks-text",
                    "text",
                    text=LocalText(
                        "Your answer comes by e-mail.",
                        "Ditt svar kommer med e-post.",
                        "Odpowiedź wyślemy e-mailem.",
                    ),
                ),
                done_button(),
            ),
        ),
        behavior={
            "triggers": [{"trigger": "pages", "count": 2}, {"trigger": "custom", "name": "quiz"}],
            "again_after_days": 30,
        },
    ),
)
