"""A blank form: one step with a heading and a button, to write a form from the start."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.library.blocks import close_button
from forms_targeting.library.local_text import LocalText, block, content, step
from forms_targeting.library.ready_form import ReadyForm, ready_forms

ready_forms.add(
    "blank",
    ReadyForm(
        name=_("Blank form"),
        purpose=_("A heading and a button, and all the rest as you like it."),
        rank=100,
        content=content(
            "popup",
            step(
                "start",
                block("title", "heading", text=LocalText("Heading", "Rubrik", "Nagłówek")),
                close_button(is_quiet=False, label=LocalText("Close", "Stäng", "Zamknij")),
            ),
        ),
    ),
)
