"""A server that checks the signatures of messages and keeps who was added and not removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from segments.engine.signature import new_signing_secret, signature
from tests.segments.webhooks.receiver import Receiver

SECRET = new_signing_secret()


class Server:
    """What a shop would write that follows the messages."""

    def __init__(self, hook: Receiver) -> None:
        self._hook = hook
        self.access = DestinationAccess({"url": hook.url}, {"secret": SECRET}, 0)

    def members(self) -> set[str]:
        people: set[str] = set()
        for each in self._hook.received:
            timestamp = int(each.headers["webhook-timestamp"])
            expected = signature(SECRET, each.id, timestamp, each.body)
            assert each.headers["webhook-signature"] == expected
            data = json.loads(each.body)["data"]
            people |= {person["id"] for person in data.get("added", [])}
            people -= {person["id"] for person in data.get("removed", [])}
        return people

    def steps(self) -> int:
        return len(self._hook.received)


@contextmanager
def receiver(settings: Settings) -> Iterator[Server]:
    hook = Receiver().start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [f"127.0.0.1:{hook.port}"]
    try:
        yield Server(hook)
    finally:
        hook.stop()
