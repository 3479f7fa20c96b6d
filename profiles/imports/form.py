"""The form that maps a file's columns: suggestions, answers, errors.

Knows no HTTP beyond the names and values of fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.imports.blocks import Block
from profiles.imports.layout import Layout
from profiles.imports.mapping import ImportPlan
from profiles.imports.targets import PROPERTY, TARGETS, ColumnTarget, map_by_name
from profiles.imports.values import (
    CellType,
    IsoDate,
    check_format,
    infer,
    misfits,
    read_date,
)
from profiles.models import IDENTIFIERS
from segmenter.kernel.time_zones import time_zones

SAMPLES = 5
_SAMPLE_LENGTH = 60
_MOST_NAME = 255
MOST_LIST_NAME = 200
AS_PROPERTY = "property"
IGNORE = ""

LABELS = {
    "email": gettext_lazy("E-mail address"),
    "phone_number": gettext_lazy("Phone number"),
    "external_id": gettext_lazy("Customer number (external id)"),
    "anonymous_id": gettext_lazy("Anonymous id"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "organization": gettext_lazy("Organisation"),
    "title": gettext_lazy("Title"),
    "locale": gettext_lazy("Locale"),
    "image": gettext_lazy("Picture’s address"),
    "created": gettext_lazy("Customer since"),
    "location.address1": gettext_lazy("Address, line 1"),
    "location.address2": gettext_lazy("Address, line 2"),
    "location.city": gettext_lazy("City"),
    "location.region": gettext_lazy("Region"),
    "location.country": gettext_lazy("Country"),
    "location.zip": gettext_lazy("Postcode"),
    "location.latitude": gettext_lazy("Latitude"),
    "location.longitude": gettext_lazy("Longitude"),
    "location.timezone": gettext_lazy("Time zone"),
    "consent.email": gettext_lazy("E-mail consent (subscribed, unsubscribed)"),
    "consent.sms": gettext_lazy("SMS consent (subscribed, unsubscribed)"),
    "list": gettext_lazy("Lists to be put on"),
    "time": gettext_lazy("When it happened"),
    "value": gettext_lazy("Value in money"),
    "unique_id": gettext_lazy("Number of the event itself"),
    "metric": gettext_lazy("What happened (metric)"),
}
TYPES = {
    CellType.TEXT: gettext_lazy("Text"),
    CellType.NUMBER: gettext_lazy("Number"),
    CellType.BOOLEAN: gettext_lazy("True or false"),
    CellType.DATE: gettext_lazy("Date (2026-02-23)"),
    CellType.DAY_FIRST: gettext_lazy("Date (23.02.2026, day first)"),
    CellType.MONTH_FIRST: gettext_lazy("Date (02/23/2026, month first)"),
}


@dataclass
class ColumnField:
    """One column of the file as the form shows it."""

    place: int
    name: str
    samples: list[str]
    inferred: CellType
    target: str = IGNORE
    """One of TARGETS, AS_PROPERTY or LEFT_OUT."""
    property: str = ""
    kind: CellType = CellType.TEXT
    error: str = ""
    odd: list[str] = field(default_factory=list)
    """A few different cells that are not of the inferred type."""
    reads_as: date | None = None
    """What its first date means, if its type is a date that is not written as ISO 8601."""


@dataclass
class MappingForm:
    """The questions about a file, with suggestions or the person's answers."""

    kind: str
    layout: Layout
    columns: list[ColumnField]
    zone: str
    metric: str = ""
    time_format: str = ""
    list_name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    """By field name; "" is for the form as a whole."""

    @property
    def is_valid(self) -> bool:
        return not self.errors and not any(column.error for column in self.columns)

    def plan(self) -> ImportPlan | None:
        """Return the mapping of columns; None for JSON Lines. The form must be valid."""
        if self.layout.json_lines:
            return None
        mapped = [column for column in self.columns if column.target != IGNORE]
        return ImportPlan(
            self.kind,
            self.layout.columns,
            tuple(ColumnTarget(_target(column), column.place) for column in mapped),
            ZoneInfo(self.zone),
            {column.place: column.kind for column in mapped if column.target == AS_PROPERTY},
            self.metric or None,
            self.time_format or None,
            self.list_name or None,
        )


def _target(column: ColumnField) -> str:
    return PROPERTY + column.property if column.target == AS_PROPERTY else column.target


def suggest(kind: str, layout: Layout, block: Block, *, zone: str) -> MappingForm:
    """Return the form with suggestions."""
    form = MappingForm(kind, layout, [], zone)
    if layout.json_lines:
        return form
    names = [
        name if name not in layout.columns[:place] else ""
        for place, name in enumerate(layout.columns)
    ]
    targets = {mapping.column: mapping.target for mapping in map_by_name(kind, tuple(names))}
    for place, name in enumerate(layout.columns):
        cells = [row[place] for row in block.rows]
        target = targets.get(place, IGNORE)
        as_property = target.startswith(PROPERTY)
        inferred = infer(set(cells))
        different = dict.fromkeys(text for cell in cells if (text := cell.strip()))
        odd = misfits(different, inferred)
        form.columns.append(
            ColumnField(
                place,
                name,
                _samples(cells),
                inferred,
                AS_PROPERTY if as_property else target,
                name,
                inferred,
                odd=_samples(odd),
                reads_as=_first_date(different, inferred),
            )
        )
    return form


def _first_date(texts: Iterable[str], kind: CellType) -> date | None:
    if kind not in (CellType.DAY_FIRST, CellType.MONTH_FIRST):
        return None
    dates = (read_date(text, kind) for text in texts)
    return next((date.fromisoformat(text) for text in dates if isinstance(text, IsoDate)), None)


def _samples(cells: Sequence[str]) -> list[str]:
    different = dict.fromkeys(text for cell in cells if (text := cell.strip()))
    return [
        text if len(text) <= _SAMPLE_LENGTH else text[: _SAMPLE_LENGTH - 1] + "…"
        for text in list(different)[:SAMPLES]
    ]


def fill(form: MappingForm, data: Mapping[str, Any]) -> MappingForm:
    """Fill a suggested form with the person's answers, and validate it."""
    form.metric = str(data.get("metric", "")).strip()
    form.time_format = str(data.get("time-format", "")).strip()
    form.zone = str(data.get("zone", form.zone))
    form.list_name = str(data.get("list", "")).strip() if form.kind == "profiles" else ""
    for column in form.columns:
        target = str(data.get(f"target-{column.place}", IGNORE))
        column.target = target if target in (AS_PROPERTY, *TARGETS[form.kind]) else IGNORE
        column.property = str(data.get(f"property-{column.place}", column.name)).strip()
        kind = str(data.get(f"type-{column.place}", column.kind))
        column.kind = CellType(kind) if kind in CellType.__members__.values() else column.inferred
    _check(form)
    return form


def _check(form: MappingForm) -> None:
    if form.zone not in time_zones():
        form.errors["zone"] = _("There is no such time zone.")
    if form.time_format:
        try:
            check_format(form.time_format)
        except ValueError as error:
            form.errors["time_format"] = str(error)
    if len(form.list_name) > MOST_LIST_NAME or not form.list_name.isprintable():
        form.errors["list"] = _("A list has a name of at most 200 characters.")
    if len(form.metric) > _MOST_NAME:
        form.errors["metric"] = _("At most %(most)s characters.") % {"most": _MOST_NAME}
    if form.layout.json_lines:
        return
    targets = set()
    for column in form.columns:
        if column.target == AS_PROPERTY and not 0 < len(column.property) <= _MOST_NAME:
            column.error = _("A property needs a name of at most 255 characters.")
        target = _target(column)
        if target in targets and target not in (IGNORE, "list"):
            column.error = _("Another column becomes the same.")
        targets.add(target)
    if not targets & set(IDENTIFIERS):
        form.errors[""] = _(
            "Say which column tells who it is about: e-mail address, phone number or a number."
        )
    if form.kind == "events":
        if "time" not in targets:
            form.errors.setdefault("", _("Say which column tells when it happened."))
        if not form.metric and "metric" not in targets:
            form.errors["metric"] = _("What happened? For example: Placed Order.")


def choices(kind: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return the targets of a column in groups: (label of the group, [(value, label)])."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for target in TARGETS[kind]:
        groups.setdefault(_group(target), []).append((target, LABELS[target]))
    return list(groups.items())


def _group(target: str) -> str:
    if target in IDENTIFIERS:
        return _("Who it is")
    if target in ("time", "value", "unique_id", "metric"):
        return _("What happened")
    if target.startswith("location."):
        return _("Where they live")
    if target.startswith("consent.") or target == "list":
        return _("Consent and lists")
    return _("About them")
