"""When a form appears and how often: declared and checked here, carried out by the script. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind, Words, read_values
from segmenter.kernel.errors import Invalid, Problem

MOST_TRIGGERS = 10


@dataclass(frozen=True)
class TriggerKind:
    """Something on a page that a form waits for."""

    label: Words
    attributes: tuple[Attribute, ...] = ()


def _seconds(default: int) -> Attribute:
    return Attribute("seconds", _("Seconds"), Kind.NUMBER, default, least=0, most=3_600)


TRIGGERS: Mapping[str, TriggerKind] = {
    "at_once": TriggerKind(_("At once")),
    "delay": TriggerKind(_("After some seconds"), (_seconds(5),)),
    "scroll": TriggerKind(
        _("After scrolling"),
        (Attribute("share", _("Percent of the page"), Kind.NUMBER, 50, least=1, most=100),),
    ),
    "pages": TriggerKind(
        _("After several pages"),
        (Attribute("count", _("Pages seen in the visit"), Kind.NUMBER, 2, least=1, most=100),),
    ),
    "exit": TriggerKind(_("When the visitor is about to leave")),
    "inactivity": TriggerKind(_("After no activity"), (_seconds(20),)),
    "custom": TriggerKind(
        _("When the page says so"),
        (Attribute("name", _("Name of the trigger"), required=True, most=60),),
    ),
}
FREQUENCY = (
    Attribute(
        "match",
        _("Appears when"),
        Kind.CHOICE,
        "any",
        choices=(("any", _("any of these happens")), ("all", _("all of these have happened"))),
    ),
    Attribute(
        "again_after_days",
        _("After closing, again after days"),
        Kind.NUMBER,
        7,
        least=0,
        most=3_650,
        hint=_("0: with the next page."),
    ),
    Attribute("stops_after_submit", _("Never again after submitting"), Kind.FLAG, True),
    Attribute(
        "selector",
        _("Place of an embedded form"),
        most=200,
        hint=_("A CSS selector; empty: where the page has the form's element."),
    ),
)


@dataclass(frozen=True)
class Trigger:
    """One thing that a form waits for."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Behavior:
    """When a form appears and how often."""

    triggers: tuple[Trigger, ...]
    values: Mapping[str, Any]
    """The values of FREQUENCY."""


def read_behavior(record: Any, pointer: str = "") -> Behavior:
    """Return the behavior that a JSON value says. Raises Invalid with every problem's pointer."""
    if not isinstance(record, Mapping):
        raise Invalid(Problem(pointer, "invalid", gettext("The behavior of a form is an object.")))
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    try:
        stops = {"stops_after_submit": record.get("stops_after_submit", True)}
        days = {"again_after_days": record.get("again_after_days", 7)}
        values = read_values(FREQUENCY, {**record, **stops, **days}, pointer)
    except Invalid as error:
        problems += error.problems
    triggers = tuple(_triggers(record.get("triggers") or [], f"{pointer}/triggers", problems))
    if problems:
        raise Invalid(*problems)
    return Behavior(triggers or (Trigger("at_once", {}),), values)


def write_behavior(behavior: Behavior) -> dict[str, Any]:
    """Return the JSON value that `read_behavior` reads as this behavior."""
    triggers = [{"trigger": trigger.name, **trigger.values} for trigger in behavior.triggers]
    return {**behavior.values, "triggers": triggers}


def _triggers(records: Any, pointer: str, problems: list[Problem]) -> list[Trigger]:
    if not isinstance(records, list) or len(records) > MOST_TRIGGERS:
        message = gettext("At most %(most)d entries fit here.") % {"most": MOST_TRIGGERS}
        problems.append(Problem(pointer, "invalid", message))
        return []
    triggers = []
    for index, record in enumerate(records):
        place = f"{pointer}/{index}"
        name = record.get("trigger") if isinstance(record, Mapping) else None
        if not isinstance(name, str) or name not in TRIGGERS:
            message = gettext("There is no such kind of trigger.")
            problems.append(Problem(f"{place}/trigger", "invalid", message))
            continue
        try:
            triggers.append(Trigger(name, read_values(TRIGGERS[name].attributes, record, place)))
        except Invalid as error:
            problems += error.problems
    return triggers
