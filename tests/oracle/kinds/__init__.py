"""One file for each condition kind: what it means, how it is drawn, and its rows by hand.

A new kind is a new file with a `KIND`, written from the kind's description and not from its code.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from .kind import Kind

_MODULES = [import_module(f".{module.name}", __name__) for module in iter_modules(__path__)]
_KINDS: list[Kind] = [module.KIND for module in _MODULES if hasattr(module, "KIND")]
KINDS = {kind.name: kind for kind in sorted(_KINDS, key=lambda kind: kind.name)}
assert len(KINDS) == len(_KINDS), "two files say what one kind means"
