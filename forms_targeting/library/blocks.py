"""Blocks that several ready-made forms have."""

from __future__ import annotations

from typing import Any

from forms_targeting.library.local_text import LocalText, block


def email_input() -> dict[str, Any]:
    return block(
        "email",
        "field",
        property="email",
        input="email",
        label=LocalText("E-mail address", "E-postadress", "Adres e-mail"),
        placeholder=LocalText("you@example.com", "du@exempel.se", "ty@przyklad.pl"),
        is_required=True,
    )


def first_name_input() -> dict[str, Any]:
    return block(
        "first-name",
        "field",
        property="first_name",
        input="text",
        label=LocalText("First name", "Förnamn", "Imię"),
    )


def news_consent(*, is_required: bool = False) -> dict[str, Any]:
    return block(
        "news",
        "consent",
        channel="email",
        wording=LocalText(
            "Yes, send me news and offers by e-mail. I can unsubscribe at any time.",
            "Ja, skicka nyheter och erbjudanden med e-post. Jag kan avsluta när som helst.",
            "Tak, chcę otrzymywać e-mailem nowości i oferty. Mogę zrezygnować w każdej chwili.",
        ),
        is_required=is_required,
    )


def submit_button(label: LocalText) -> dict[str, Any]:
    return block("send", "button", label=label, action="submit")


def close_button(
    id_: str = "close", *, is_quiet: bool = True, label: LocalText | None = None
) -> Any:
    words = label or LocalText("No, thank you", "Nej tack", "Nie, dziękuję")
    return block(id_, "button", label=words, action="close", is_quiet=is_quiet)


def done_button() -> Any:
    words = LocalText("Back to the shop", "Tillbaka till butiken", "Wróć do sklepu")
    return close_button("done", is_quiet=False, label=words)
