"""A program that uses the HTTP API with a key: one connection, and the documents it sends."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


class Client:
    """One connection, opened when it is needed. Not for several threads at once."""

    def __init__(self, address: str, secret: str, *, seconds: float = 15.0) -> None:
        self.address, self.seconds = address, seconds
        self.headers = {
            "Authorization": f"Klaviyo-API-Key {secret}",
            "Content-Type": "application/json",
            "revision": "2026-10-15",
        }
        self.connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body. Raises OSError or HTTPException where there was no answer."""
        return self._send("GET", path)

    def post(self, path: str, document: Json) -> tuple[int, bytes]:
        """Return status and body. Raises OSError or HTTPException where there was no answer."""
        return self._send("POST", path, json.dumps(document))

    def _send(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=self.seconds)
        try:
            self.connection.request(method, path, body, self.headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except BaseException:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return answer.status, content

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def resource(type_: str, **attributes: Any) -> Json:
    return {"data": {"type": type_, "attributes": attributes}}


def one_event(event: Json) -> tuple[str, Json]:
    """Path and document for one event of the exchange format."""
    fields = {**event, "metric": resource("metric", name=event["metric"])}
    fields["profile"] = resource("profile", **event["profile"])
    return "/api/events", resource("event", **fields)


def many_events(events: Iterable[Json]) -> tuple[str, Json]:
    """Path and document for many, those of one person together."""
    people: dict[str, tuple[Json, list[Json]]] = {}
    for event in events:
        fields = {name: value for name, value in event.items() if name != "profile"}
        fields["metric"] = resource("metric", name=event["metric"])
        person = people.setdefault(json.dumps(event["profile"]), (event["profile"], []))
        person[1].append({"type": "event", "attributes": fields})
    entries = [
        {
            "type": "event-bulk-create",
            "attributes": {"profile": resource("profile", **who), "events": {"data": did}},
        }
        for who, did in people.values()
    ]
    attributes = {"events-bulk-create": {"data": entries}}
    return "/api/event-bulk-create-jobs", resource("event-bulk-create-job", **attributes)


def person(profile: Json, append: Json | None = None) -> tuple[str, Json]:
    """Path and document for making or changing a person; `append` adds values to lists."""
    document = resource("profile", **profile)
    if append:
        document["data"]["meta"] = {"patch_properties": {"append": append}}
    return "/api/profile-import", document
