"""Hooks: what a lower layer calls so that layers above can follow, without knowing them.

Subscribers are added while an app gets ready: in the `tasks.py` or `extensions.py` of the room that
follows, which `AppConfig.ready` imports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

from django.db import transaction

P = ParamSpec("P")


class Hook(Generic[P]):
    """Functions that are called with the same arguments, in the order in which they subscribed."""

    def __init__(self) -> None:
        self.subscribers: list[Callable[P, object]] = []

    def subscribe(self, *subscribers: Callable[P, object]) -> None:
        """Add subscribers. Raises ValueError for one that is subscribed already."""
        for subscriber in subscribers:
            if subscriber in self.subscribers:
                raise ValueError(f"{subscriber!r} is subscribed already")
            self.subscribers.append(subscriber)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call every subscriber now, in the transaction of the caller.

        An exception in one ends the calls and reaches the caller: what a subscriber does is a part
        of the transaction, which is rolled back with it.
        """
        for subscriber in self.subscribers:
            subscriber(*args, **kwargs)

    def call_after_commit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call every subscriber once the transaction is committed; after a rollback, none.

        An exception in one is logged and stops neither the others nor the caller. A call is lost if
        the process ends first: what must happen needs a row that a sweep can find.
        """
        for subscriber in self.subscribers:
            transaction.on_commit(_deferred(subscriber, *args, **kwargs), robust=True)


def _deferred(
    subscriber: Callable[P, object], *args: P.args, **kwargs: P.kwargs
) -> Callable[[], None]:
    """A call to be made later; with a name, which Django logs when it fails."""

    def call() -> None:
        subscriber(*args, **kwargs)

    call.__qualname__ = getattr(subscriber, "__qualname__", repr(subscriber))
    return call
