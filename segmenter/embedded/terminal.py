"""What the demo says on the terminal: one line a step, with the seconds it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def say(text: str = "") -> None:
    """Print a line now. A terminal that has gone is no reason to stop."""
    with suppress(OSError):
        print(text, flush=True)


@contextmanager
def step(name: str) -> Iterator[list[str]]:
    """Print the name, and when the block ends what it found (its list) and the seconds it took."""
    found: list[str] = []
    live = sys.stdout.isatty()
    if live:
        print(f"  {name:<12} ...", end="", flush=True)
    began = time.monotonic()
    try:
        yield found
    except BaseException:
        say(f"\r  {name:<12} failed" if live else f"  {name:<12} failed")
        raise
    line = f"  {name:<12} {' '.join(found) or 'ready':<44} {time.monotonic() - began:6.1f} s"
    say(f"\r{line}" if live else line)
