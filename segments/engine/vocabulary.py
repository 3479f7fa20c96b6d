"""What the conditions of an account can use: metrics, groups, properties with their types."""

from __future__ import annotations

from functools import cached_property

from predictions.pages.wording import closed_dimensions
from predictions.storage.orders import choices_of
from profiles.columns.events import VALUE
from profiles.models import Property
from segments.definition import paths
from segments.definition.words import event_property_label, property_label
from segments.engine.queries import Inventory

Types = frozenset[str]
"""Types by the names of `checks.json_type`, and `instant` for the dates of every profile."""

_NONE: Types = frozenset()


class Catalog(Inventory):
    """An Inventory with the properties. Each table is read once, on first use."""

    @cached_property
    def _properties(self) -> dict[str | None, dict[str, Types]]:
        """Metric key (None for profiles) to property name to types."""
        rows = Property.objects.filter(account=self.account).order_by("name")
        properties: dict[str | None, dict[str, Types]] = {}
        for key, name, types in rows.values_list("metric__key", "name", "types"):
            properties.setdefault(key, {})[name] = frozenset(types)
        return properties

    @cached_property
    def profile_properties(self) -> dict[str, Types]:
        """Path to types: the fields of every profile, then the account's custom properties."""
        fields = {path: _field_types(name) for path, name in paths.FIELDS.items()}
        fields.pop("last_event_date")
        location = {f"location['{part}']": _field_types(n) for part, n in paths.LOCATION.items()}
        own = self.own_properties
        return fields | location | {paths.write_path(name): own[name] for name in own}

    @cached_property
    def closed_predictions(self) -> dict[str, str]:
        """Predictions that the account does not have now, each with the reason."""
        return closed_dimensions(self.account)

    @cached_property
    def risk_limits(self) -> tuple[float, float]:
        """The probabilities from which the churn risk is medium, and from which it is high."""
        choices = choices_of(self.account)
        return choices.medium_from, choices.high_from

    @property
    def own_properties(self) -> dict[str, Types]:
        """Name to types of the account's custom properties of people."""
        return self._properties.get(None, {})

    def event_properties(self, metric: str) -> dict[str, Types]:
        """Name to types of the properties of a metric's events, the value first."""
        return {VALUE: frozenset({"number"}), **self._properties.get(metric, {})}

    def types(self, of: str, name: str, metric: str = "") -> Types:
        """The types that a property has had; none for an unknown property."""
        if of == "event":
            return self.event_properties(metric).get(name, _NONE)
        path = paths.parse_path(name)
        if path is None:
            return _NONE
        if path.custom:
            return self._properties.get(None, {}).get(path.name, _NONE)
        return _field_types(path.name)

    def label(self, of: str, name: str) -> str:
        """The label of a property on the page."""
        if of == "event":
            return event_property_label(name)
        path = paths.parse_path(name)
        return property_label(path.name, custom=path.custom) if path else name


def _field_types(name: str) -> Types:
    if name in paths.INSTANTS:
        return frozenset({"instant"})
    return frozenset({"number" if name in paths.NUMBERS else "text"})
