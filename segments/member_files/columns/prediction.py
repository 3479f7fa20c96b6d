"""What is known and expected of people's orders: values, numbers, churn risk, dates."""

from __future__ import annotations

import psycopg.sql as sql
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from predictions.storage.table import BY_DIMENSION, FIELDS
from segments.definition.conditions.predictive import DATES, NUMERIC, TEXTS
from segments.member_files.column import (
    CellKind,
    ExportColumn,
    Family,
    MemberBlock,
    Shop,
    families,
    plain_join,
)

_LABELS = dict((*NUMERIC, *DATES, *TEXTS))
_ALIASES = {
    "churn_risk": "churn_probability",
    "expected_date_of_next_purchase": "expected_date_of_next_order",
}
_COLUMNS = {**BY_DIMENSION, "expected_date_of_next_order": "next_order"}
_OFFERS = tuple(name for name in _LABELS if name in _COLUMNS and name not in _ALIASES)
_KINDS = {"number": CellKind.NUMBER, "word": CellKind.TEXT, "day": CellKind.DAY}


def _find(shop: Shop, name: str) -> ExportColumn | None:
    name = _ALIASES.get(name, name)
    if name not in _OFFERS:
        return None
    column = _COLUMNS[name]
    return ExportColumn(
        name,
        capfirst(gettext(_LABELS[name])),
        _KINDS[FIELDS[column].kind],
        sql.Identifier("prediction", column),
        {"prediction": plain_join(_predictions)},
    )


def _predictions(block: MemberBlock) -> sql.Composable:
    return sql.SQL(
        "LEFT JOIN (SELECT * FROM predictions_prediction d WHERE {block}) AS prediction"
        " ON prediction.profile_id = p.id"
    ).format(block=block.of("d"))


families.add("prediction", Family(_("Predictions"), 50, lambda shop: _OFFERS, _find))
