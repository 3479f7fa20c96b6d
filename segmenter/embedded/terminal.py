"""The demo's output on the terminal: one line a step, with its duration."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def say(text: str = "") -> None:
    """Print a line now. Errors of a closed terminal are ignored."""
    with suppress(OSError):
        print(text, flush=True)


@contextmanager
def step(name: str) -> Iterator[list[str]]:
    """Print the name, and after the block the notes that it appended and its duration."""
    notes: list[str] = []
    live = sys.stdout.isatty()
    if live:
        print(f"  {name:<12} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield notes
    except BaseException:
        say(f"\r  {name:<12} failed" if live else f"  {name:<12} failed")
        raise
    line = f"  {name:<12} {' '.join(notes) or 'ready':<44} {time.monotonic() - start:6.1f} s"
    say(f"\r{line}" if live else line)
