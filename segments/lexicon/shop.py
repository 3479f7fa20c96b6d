"""An account as the lexicon sees it: which of its metrics are the standard ones."""

from __future__ import annotations

from datetime import date
from functools import cache, cached_property

from predictions.storage.orders import choices_of
from segments.engine.vocabulary import Catalog
from segments.lexicon.letters import tokens
from segments.lexicon.standard_metrics import STANDARD_METRICS
from segments.lexicon.value_index import ValuesOfProperty, value_index

_ORDER = "Placed Order"


class ShopNames:
    """The names of an account, on a day in its time zone."""

    def __init__(self, catalog: Catalog, today: date) -> None:
        self.catalog, self.today = catalog, today

    def metric(self, name: str) -> str | None:
        """The key of the account's metric that is the standard metric of this name."""
        return self._standard.get(name)

    @cached_property
    def _standard(self) -> dict[str, str]:
        keys: dict[tuple[str, ...], str] = {}
        for key, name in sorted(self.catalog.metrics.items(), key=lambda one: one[1]):
            keys.setdefault(tuple(sorted(tokens(name))), key)
        standard: dict[str, str] = {}
        for words, name in _standard_words():
            if words in keys:
                standard.setdefault(name, keys[words])
        if self.order_metric_chosen is not None:
            standard[_ORDER] = self.order_metric_chosen
        return standard

    @cached_property
    def values(self) -> list[ValuesOfProperty]:
        """The texts of all properties."""
        return value_index(self.catalog)

    @cached_property
    def order_metric_chosen(self) -> str | None:
        """The metric of orders that the account's predictions use, if somebody chose one."""
        if not self.catalog.metrics:
            return None
        choice = choices_of(self.catalog.account).order_metric
        return choice if choice in self.catalog.metrics else None

    @cached_property
    def standard_names(self) -> dict[str, str]:
        """Key of a metric to the name of the standard metric that it is."""
        return {key: name for name, key in self._standard.items()}

    @cached_property
    def signature(self) -> object:
        """All names of the account: where it is equal, so are they."""
        catalog = self.catalog
        properties = {key: tuple(catalog.event_properties(key)) for key in catalog.metrics}
        return (
            tuple(catalog.metrics.items()),
            tuple(catalog.lists.items()),
            tuple((key, each.name) for key, each in catalog.segments.items()),
            tuple(catalog.profile_properties.items()),
            tuple(properties.items()),
        )


@cache
def _standard_words() -> list[tuple[tuple[str, ...], str]]:
    """(sorted words of a name, the standard metric that it names), the likeliest first."""
    return [
        (tuple(sorted(tokens(each))), name)
        for name, others in STANDARD_METRICS.items()
        for each in (name, *others)
    ]
