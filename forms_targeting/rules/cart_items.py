"""What is in the cart that the page tells. A page that tells no cart counts as an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.patterns import fold, inside, is_match, text_pieces
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import CartItem, Visit
from segments.definition.words import either, neither, number, quoted


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    """Whether so many of the items have one of the texts in their name or id."""
    quantity = sum(item.quantity for item in visit.cart_items if _is_meant(item, values["texts"]))
    return (quantity > 0 and quantity >= values["quantity"]) is (values["operator"] == "any")


def _is_meant(item: CartItem, texts: list[str]) -> bool:
    subjects = [fold(item.name), fold(item.id)]
    return any(
        is_match(inside(text_pieces(text)), subject) for text in texts for subject in subjects
    )


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    texts = [quoted(text) for text in values["texts"]]
    about = {"quantity": number(values["quantity"])}
    if values["operator"] == "none":
        about["texts"] = neither(texts)
        if values["quantity"] <= 1:
            return gettext("The cart has no item of: %(texts)s.") % about
        return gettext("The cart has fewer than %(quantity)s items of: %(texts)s.") % about
    about["texts"] = either(texts)
    template = ngettext(
        "The cart has at least %(quantity)s item of: %(texts)s.",
        "The cart has at least %(quantity)s items of: %(texts)s.",
        int(values["quantity"]),
    )
    return template % about


rule_kinds.add(
    "cart_items",
    RuleKind(
        label=_("Items in the cart"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "any",
                choices=(("any", _("has one of")), ("none", _("has none of"))),
            ),
            Attribute(
                "texts",
                pgettext_lazy("cart", "Items"),
                Kind.TEXTS,
                required=True,
                most=200,
                hint=_("Part of a name or of an id; capital letters do not matter."),
            ),
            Attribute("quantity", _("Quantity"), Kind.NUMBER, 1, least=0, most=1e6),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=120,
    ),
)
