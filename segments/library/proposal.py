"""A ready-made segment with values: its definition in an account, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.paths import write_path
from segments.definition.tree import All
from segments.library.account_values import DefaultValues
from segments.library.parameters import NumberParameter, Parameter, PropertyParameter
from segments.library.ready_segment import ReadySegment


@dataclass(frozen=True)
class ParameterValue:
    """A parameter with its value, or with what was typed and is wrong."""

    parameter: Parameter
    value: Any
    """JSON; None if the account has nothing to offer."""
    text: str
    problem: str = ""


@dataclass(frozen=True)
class Proposal:
    """What a ready-made segment would be."""

    key: str
    ready: ReadySegment
    values: tuple[ParameterValue, ...] = ()
    definition: Mapping[str, Any] | None = None
    """None if something is missing or wrong, and for an entry without a definition."""
    tree: All | None = None
    sentence: str = ""
    missing: tuple[str, ...] = ()
    """What the account lacks: metrics, lists, campaigns."""
    notes: tuple[str, ...] = field(default=())
    """Why nobody matches now, where that is known."""
    problem: str = ""
    """What is wrong with the definition as a whole."""

    @property
    def is_usable(self) -> bool:
        return not self.missing

    @property
    def problems(self) -> dict[str, str]:
        """The name of a parameter to what is wrong with it."""
        return {each.parameter.name: each.problem for each in self.values if each.problem}


def propose(
    key: str, ready: ReadySegment, source: DefaultValues, texts: Mapping[str, str] | None = None
) -> Proposal:
    """Fill in a ready-made segment with what was typed, and with defaults for the rest."""
    if ready.definition is None:
        return Proposal(key, ready)
    values: dict[str, Any] = {}
    rows = []
    for parameter in ready.parameters:
        one = _value(parameter, source, values, (texts or {}).get(parameter.name))
        values[parameter.name] = one.value
        if isinstance(parameter, PropertyParameter):
            values[f"{parameter.name}_types"] = source.types(write_path(one.value))
        rows.append(one)
    metrics = _Metrics(source)
    template = metrics.resolve(ready.definition(values))
    missing = [
        *metrics.missing,
        *(one.parameter.missing() for one in rows if one.value is None and not one.problem),
    ]
    blank = Proposal(key, ready, tuple(rows), missing=tuple(dict.fromkeys(missing)))
    if missing or blank.problems:
        return blank
    try:
        tree = decode(template)
    except Invalid as error:
        problem = " ".join(each.message for each in error.problems)
        return Proposal(key, ready, tuple(rows), problem=problem)
    notes = tuple(_notes(template, ready, values, source))
    sentence = describe(tree, source.names)
    return Proposal(key, ready, tuple(rows), template, tree, sentence, notes=notes)


def _value(
    parameter: Parameter, source: DefaultValues, values: Mapping[str, Any], text: str | None
) -> ParameterValue:
    default = parameter.default(source, values)
    try:
        value = default if text is None else parameter.read(text, source, values)
        _check_order(parameter, value, values)
    except ValueError as error:
        text = parameter.show(default) if text is None else text
        return ParameterValue(parameter, default, text, str(error))
    return ParameterValue(parameter, value, parameter.show(value))


def _check_order(parameter: Parameter, value: Any, values: Mapping[str, Any]) -> None:
    if isinstance(parameter, NumberParameter) and parameter.at_least:
        least = values[parameter.at_least]
        if value < least:
            raise ValueError(_("This must not be less than %(least)s.") % {"least": least})


class _Metrics:
    """Puts the account's keys in place of the names of metrics; collects what there is not."""

    def __init__(self, source: DefaultValues) -> None:
        self._source = source
        self.missing: list[str] = []

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        return dict(self._entry(name, item) for name, item in value.items())

    def _entry(self, name: str, item: Any) -> tuple[str, Any]:
        if name != "metric":
            return name, self.resolve(item)
        key = self._source.metric_key(item)
        if key is None:
            self.missing.append(_("the metric “%(name)s”") % {"name": item})
        return "metric_id", key


def _notes(
    definition: Mapping[str, Any],
    ready: ReadySegment,
    values: Mapping[str, Any],
    source: DefaultValues,
) -> Iterator[str]:
    for dimension in _dimensions(definition):
        if dimension in source.closed_predictions:
            yield source.closed_predictions[dimension]
    for parameter in ready.parameters:
        if isinstance(parameter, PropertyParameter):
            name = values[parameter.name]
            if not values[f"{parameter.name}_types"]:
                yield _("Nobody has the property “%(name)s” yet.") % {"name": name}


def _dimensions(value: Any) -> Iterator[str]:
    """The predictions that a definition reads."""
    if isinstance(value, list):
        for item in value:
            yield from _dimensions(item)
    elif isinstance(value, Mapping):
        if isinstance(value.get("dimension"), str):
            yield value["dimension"]
        for item in value.values():
            yield from _dimensions(item)
