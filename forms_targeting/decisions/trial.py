"""A visit that a marketer makes up, to see which rules of a form it meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind, read_values
from forms_targeting.models import Device
from forms_targeting.rules.addresses import read_address
from forms_targeting.visit import UTM_PARAMETERS, CartItem, Person, Visit
from profiles.places.countries import country_code
from segmenter.kernel.errors import Invalid, Problem

PAGE = (
    Attribute("url", _("Address of the page"), most=2_000, hint=_("The whole address.")),
    Attribute("device", _("Device"), Kind.CHOICE, "desktop", choices=tuple(Device.choices)),
)
MORE = (
    Attribute("referrer", _("Page before this one (referrer)"), most=2_000),
    Attribute("language", _("Language"), most=35, hint=_("A code such as sv or pt-BR.")),
    Attribute("country", _("Country"), most=60, hint=_("A name or a code.")),
    *(Attribute(f"utm_{name}", f"utm_{name}", most=500) for name in UTM_PARAMETERS),
    Attribute("cart_value", _("Value of the cart"), most=20, hint=_("Empty: no cart.")),
    Attribute(
        "cart_items",
        _("Items in the cart"),
        Kind.LONG_TEXT,
        most=5_000,
        hint=_("One name or id on a line."),
    ),
)
INPUTS = (*PAGE, *MORE)


@dataclass(frozen=True)
class TrialInput:
    """One input about the visit, with what was entered and what is wrong with it."""

    attribute: Attribute
    text: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """What a marketer entered, and the visit that it makes if it can be read."""

    page: tuple[TrialInput, ...]
    more: tuple[TrialInput, ...]
    visit: Visit | None

    @property
    def is_detailed(self) -> bool:
        """Whether any of the further inputs is used."""
        return any(each.text for each in self.more)


def read_trial(fields: Mapping[str, str], person: Person | None) -> Trial:
    """Return the visit of these fields; a visit that cannot be read is None, with its errors."""
    texts = {each.name: fields.get(each.name, "").replace("\0", "") for each in INPUTS}
    problems: tuple[Problem, ...] = ()
    visit = None
    try:
        visit = _visit(read_values(INPUTS, texts, ""), person)
    except Invalid as error:
        problems = error.problems

    def inputs(attributes: tuple[Attribute, ...]) -> tuple[TrialInput, ...]:
        return tuple(
            TrialInput(
                attribute,
                texts[attribute.name] or str(attribute.default),
                tuple(p.message for p in problems if p.pointer == f"/{attribute.name}"),
            )
            for attribute in attributes
        )

    return Trial(inputs(PAGE), inputs(MORE), visit)


def _visit(values: Mapping[str, Any], person: Person | None) -> Visit:
    problems = []
    for name in ("url", "referrer"):
        if values[name] and read_address(values[name]) is None:
            message = gettext("A whole address is needed, such as https://shop.example/sale.")
            problems.append(Problem(f"/{name}", "invalid", message))
    country = country_code(values["country"]) if values["country"] else ""
    if country is None:
        message = gettext("“%(text)s” is no country that is known here.")
        problems.append(Problem("/country", "invalid", message % {"text": values["country"]}))
    cart_value = None
    if values["cart_value"]:
        try:
            cart_value = float(values["cart_value"].replace(",", "."))
        except ValueError:
            problems.append(Problem("/cart_value", "invalid", gettext("A number is needed here.")))
    if problems:
        raise Invalid(*problems)
    lines = filter(None, map(str.strip, values["cart_items"].splitlines()))
    return Visit(
        url=values["url"],
        referrer=values["referrer"],
        language=values["language"],
        device=values["device"],
        country=country or "",
        utm={name: values[f"utm_{name}"] for name in UTM_PARAMETERS},
        cart_value=cart_value,
        cart_items=tuple(CartItem(id="", name=line, quantity=1, value=0) for line in lines),
        person=person,
    )
