"""What the script sends from a shop's page, and stand-ins for what the server answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

SECONDS = 10.0


@dataclass
class OnsiteCalls:
    """Calls of /client/... by a page, in their order; each is answered as `answers` says."""

    page: Page
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """Last part of the path to status and document; status 0: no answer, -1: the real server."""
    bodies: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.route("**/client/**", self._answer)

    def of(self, name: str) -> list[dict[str, Any]]:
        """The attributes that were sent to one address."""
        return [body["data"]["attributes"] for each, body in self.bodies if each == name]

    def data_of(self, name: str) -> list[dict[str, Any]]:
        return [body["data"] for each, body in self.bodies if each == name]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many calls of one address were made; return their attributes."""
        ends = monotonic() + SECONDS
        while len(self.of(name)) < count:
            assert monotonic() < ends, f"{len(self.of(name))} of {count} calls of {name}"
            self.page.wait_for_timeout(10)  # handlers of routes run meanwhile
        return self.of(name)

    def wait_for_one(self, name: str, **attributes: Any) -> dict[str, Any]:
        """Wait for a call with these attributes; return all of its attributes.

        What a page sends as it ends may be sent again by the next page: the server counts it once.
        """
        ends = monotonic() + SECONDS
        while True:
            for call in self.of(name):
                if attributes.items() <= call.items():
                    return call
            assert monotonic() < ends, f"no call of {name} with {attributes}: {self.of(name)}"
            self.page.wait_for_timeout(10)  # handlers of routes run meanwhile

    def _answer(self, route: Route) -> None:
        name = urlsplit(route.request.url).path.strip("/").partition("/")[2]
        if route.request.method == "POST":
            self.bodies.append((name, json.loads(route.request.post_data or "null")))
        status, document = self.answers.get(name, (202, {}))
        if status == -1:
            route.fallback()
        elif status == 0:
            route.abort("connectionfailed")
        else:
            route.fulfill(
                status=status,
                body=document if isinstance(document, str) else json.dumps(document),
                headers={
                    "Access-Control-Allow-Origin": "*",
                    "Access-Control-Allow-Headers": "content-type",
                },
            )


def decisions(*forms: Mapping[str, Any]) -> tuple[int, Any]:
    """An answer that these forms are to be shown: {key, content, behavior}."""
    data = [
        {
            "type": "form-decision",
            "id": form["key"],
            "attributes": {
                "version_id": f"v-{form['key']}",
                "content": form["content"],
                "behavior": form["behavior"],
            },
        }
        for form in forms
    ]
    return 200, {"data": data}
