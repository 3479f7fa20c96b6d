"""A registry that rejects duplicates, for kinds that register themselves when imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Name to entry. An unknown name raises KeyError, a second registration ValueError."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> T:
        if name in self._entries:
            raise ValueError(f"{self._kind} {name!r} is registered twice")
        self._entries[name] = entry
        return entry

    def register(self, name: str) -> Callable[[T], T]:
        return lambda entry: self.add(name, entry)

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Iterator[tuple[str, T]]:
        return iter(self._entries.items())


def import_all(package: str) -> None:
    """Import every module of a package, so that they register themselves."""
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")


def import_from_rooms(app: str, *names: str) -> None:
    """Import the modules of these names that an app or one of its rooms (packages) has."""
    rooms = [
        app,
        *(f"{app}.{m.name}" for m in iter_modules(import_module(app).__path__) if m.ispkg),
    ]
    for room in rooms:
        for name in names:
            if find_spec(f"{room}.{name}") is not None:
                import_module(f"{room}.{name}")
