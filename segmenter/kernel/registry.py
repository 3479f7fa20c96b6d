"""A registry that refuses duplicates, for kinds that announce themselves by being imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to things. An unknown name raises KeyError, claiming one twice ValueError."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        if name in self._things:
            raise ValueError(f"{self._what} {name!r} is registered twice")
        self._things[name] = thing
        return thing

    def register(self, name: str) -> Callable[[T], T]:
        return lambda thing: self.add(name, thing)

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def items(self) -> Iterator[tuple[str, T]]:
        return iter(self._things.items())


def import_all(package: str) -> None:
    """Import every module of a package, so that what they register is there."""
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
