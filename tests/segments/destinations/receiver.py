"""A list elsewhere that lives in this process, and can fail in every way a real one can."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from segments.destinations.kind import Contact, DestinationAccess, KeyKind, Outcome
from segments.engine.remote_call import ApiField, TryAgain
from segments.engine.remote_sync import Claim


class Killed(BaseException):
    """The worker is gone, without a chance to write anything down."""


class Receiver:
    """A list destination. `faults` are taken in turn, one a request: "before" and "after" it was
    applied, "killed before" and "killed after"; "" for none."""

    label, text, rank = "Receiver", "A list for tests.", 1
    fields = (ApiField("list", "List"), ApiField("token", "Token", is_secret=True))
    takes_columns = True
    is_telling = True
    """Whether it can say whom it has."""

    def __init__(self, *, key_kind: KeyKind = KeyKind.EMAIL, batch: int = 2) -> None:
        self.key_kind, self.batch = key_kind, batch
        self.people: dict[str, Contact | None] = {}
        """By key; None for somebody whom a stranger has put there."""
        self.contacts: dict[str, Contact] = {}
        """What it knows of everybody who ever was on the list."""
        self.faults: list[str] = []
        self.refused: dict[str, str] = {}
        """Key to the words with which somebody is refused."""
        self.requests: list[tuple[str, list[str]]] = []

    def check(self, access: DestinationAccess) -> str:
        return f"The list {access.settings['list']}"

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        assert 0 < len(people) <= self.batch
        assert access.secrets == {"token": "secret"}
        good = {each.key: each for each in people if each.key not in self.refused}

        def apply() -> None:
            self.people.update(good)
            self.contacts.update(good)

        self._request("put", [each.key for each in people], apply)
        return Outcome(
            {each.key: self.refused[each.key] for each in people if each.key in self.refused}
        )

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        assert 0 < len(keys) <= self.batch

        def apply() -> None:
            for key in keys:
                self.people.pop(key, None)

        self._request("remove", list(keys), apply)
        return Outcome()

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]] | None:
        return self._pages() if self.is_telling else None

    def _pages(self) -> Iterator[Sequence[str]]:
        keys = list(self.people)
        for start in range(0, len(keys), 2):
            self._request("keys", [], lambda: None)
            yield keys[start : start + 2]

    def _request(self, name: str, keys: list[str], apply: Callable[[], object]) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise TryAgain("It is down.")
        if fault == "killed before":
            raise Killed
        apply()
        self.requests.append((name, keys))
        if fault == "after":
            raise TryAgain("It took too long.")
        if fault == "killed after":
            raise Killed

    def sent(self, name: str) -> list[str]:
        """The keys of all requests of a name, in their order."""
        return [key for each, keys in self.requests if each == name for key in keys]


@contextmanager
def killed_at_step(number: int) -> Iterator[None]:
    """Kill the worker at its transaction of a number: even before it, odd just before its commit.

    From 0; a worker that has fewer transactions lives.
    """
    whole = Claim.owned
    steps = iter(range(1_000_000))

    @contextmanager
    def owned(self: Claim) -> Iterator[object]:  # type: ignore[type-arg]
        step = 2 * next(steps)
        if step == number:
            raise Killed
        with whole(self) as own:
            yield own
            if step + 1 == number:
                raise Killed

    with patch.object(Claim, "owned", owned):
        yield
