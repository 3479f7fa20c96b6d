"""The page's form as a request for a file, and what the form offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segments.definition.operators.dates import UNITS
from segments.member_files.column import ExportColumn, Shop, find_column, offers_of
from segments.member_files.file_format import formats_by_rank
from segments.member_files.request import DECIMALS, DELIMITERS, NAMES, REACHES, ExportRequest
from segments.member_files.sets import SetOffer, columns_of_set, sets_of

MEASURES = (("count", _("how often")), ("sum", _("sum of the value")))


@dataclass(frozen=True)
class OfferGroup:
    """A family's columns that can be chosen, and whether each is."""

    label: str
    columns: list[tuple[ExportColumn, bool]]
    is_open: bool


def request_of_form(form: QueryDict, usual: ExportRequest) -> ExportRequest:
    """What the form says; what it does not say is as usual."""
    return replace(
        usual,
        columns=tuple(form.getlist("column")),
        format=form.get("format", usual.format),
        language=form.get("language", usual.language),
        delimiter=form.get("delimiter", usual.delimiter),
        decimal=form.get("decimal", usual.decimal),
        byte_order_mark=form.get("bom") == "1",
        reach=form.get("reach", usual.reach),
    )


def form_context(shop: Shop, request: ExportRequest) -> dict[str, Any]:
    """Everything that the form shows."""
    chosen = _columns(shop, request.columns)
    names = {column.name for column in chosen}
    return {
        "export": request,
        "chosen": chosen,
        "groups": _groups(shop, names),
        "formats": formats_by_rank(),
        "languages": [*settings.LANGUAGES, (NAMES, gettext("names for programs"))],
        "delimiters": DELIMITERS.items(),
        "decimals": DECIMALS.items(),
        "reaches": REACHES.items(),
        "metrics": sorted(shop.catalog.metrics.values(), key=str.casefold),
        "measures": MEASURES,
        "units": [(key[0], gettext(label)) for key, label in UNITS],
        "sets": _sets(shop, request),
    }


def _columns(shop: Shop, names: Sequence[str]) -> list[ExportColumn]:
    """Those of the names that are columns, in the page's language; unknown ones are left out."""
    found = ((name.strip(), find_column(shop, name.strip())) for name in dict.fromkeys(names))
    return [replace(column, name=name) for name, column in found if column is not None]


def _groups(shop: Shop, chosen: set[str]) -> list[OfferGroup]:
    groups = []
    for family, columns in offers_of(shop):
        offered = [(column, column.name in chosen) for column in columns]
        groups.append(OfferGroup(str(family.label), offered, any(on for _, on in offered)))
    return groups


def _sets(shop: Shop, request: ExportRequest) -> list[tuple[SetOffer, bool]]:
    return [
        (offer, columns_of_set(shop, offer.key) == list(request.columns))
        for offer in sets_of(shop.account)
    ]
