"""The builder's page as a browser reads it: what its form would send."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from django.template.loader import render_to_string

from segmenter.accounts.models import Account
from segments.builder.forms import show
from segments.engine.vocabulary import Catalog, Types
from tests.fixtures.cast import AT


class KnownCatalog(Catalog):
    """A catalog of fixed names, without a database."""

    def __init__(
        self,
        profile: Mapping[str, Types] | None = None,
        event: Mapping[str, Types] | None = None,
    ) -> None:
        super().__init__(Account(slug="shop", created=AT))
        self._profile, self._event = dict(profile or {}), dict(event or {})

    @cached_property
    def metrics(self) -> dict[str, str]:
        return {}

    @cached_property
    def lists(self) -> dict[str, str]:
        return {}

    @cached_property
    def segments(self) -> dict[str, Any]:
        return {}

    @cached_property
    def closed_predictions(self) -> dict[str, str]:
        return {"churn_probability": "Too few orders.", "rfm_group": "Too few orders."}

    @cached_property
    def _properties(self) -> dict[str | None, dict[str, Types]]:
        return {None: self._profile, "Metric": self._event}


class Form(HTMLParser):
    """Collects what a browser would send for the inputs of a page, and their labels and ids."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, str] = {}
        self.ids: list[str] = []
        self.labelled: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        """Label of a box with a list to the values that it offers."""
        self._select: dict[str, Any] | None = None
        self._area: str | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        name = values.get("name", "")
        if name and "aria-label" in values:
            self.labelled[name] = values["aria-label"]
        if tag == "input" and name and (values.get("type") != "checkbox" or "checked" in values):
            self.sent[name] = values.get("value", "")
        elif tag == "select":
            self._select = {"name": name, "values": [], "chosen": None}
            self.options[values.get("aria-label", "")] = self._select["values"]
        elif tag == "option" and self._select is not None:
            self._select["values"].append(values["value"])
            if "selected" in values:
                self._select["chosen"] = values["value"]
        elif tag == "textarea":
            self._area = name
            self.sent[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.sent[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select is not None:
            choice = self._select["chosen"]
            if self._select["name"]:
                first = self._select["values"][0]
                self.sent[self._select["name"]] = first if choice is None else choice
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self.sent[self._area] = self.sent[self._area].removeprefix("\n")
            self._area = None


def form_drawn(definition: Mapping[str, Any], catalog: Catalog | None = None) -> Form:
    """A definition on the page."""
    root = show(definition, catalog or KnownCatalog(), today=AT.date())
    return Form(
        render_to_string("segments/builder/_definition.html", {"row": root, "all_kinds": []})
    )
