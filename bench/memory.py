"""The memory that a process takes which has counted ten segments: `python -m bench memory`.

On the large shop. The files' pages belong to all processes together; Linux counts those that a
process has looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.against_peers import mirrored, own_count, trees
from bench.parts import Target
from bench.store import Store

RESIDENT = "memory of a process that has counted ten segments, files included"
TARGETS = {RESIDENT: Target(most=1_000)}


def measure(store: Store) -> Iterator[tuple[str, float, str]]:
    """Yield figures for the shop in the store."""
    mirrored(store.account)
    for tree in trees(store.account).values():
        own_count(store.account, tree, store)
    yield RESIDENT, _status("VmRSS"), "MB"
    yield f"{RESIDENT}: of its own", _status("RssAnon"), "MB"


def _status(name: str) -> float:
    """A line of this process's status in MB; of Linux."""
    text = Path("/proc/self/status").read_text()
    return int(text.split(f"{name}:")[1].split()[0]) / 1_000
