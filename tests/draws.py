"""How many examples are drawn: a few in `make test`, all of them in `make nightly`.

`make nightly` runs each file that imports this one.
"""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("SEGMENTER_NIGHTLY") == "1"


def draws(usual: int, *, nightly: int) -> int:
    """Return how many examples of a property are drawn in this run."""
    return nightly if NIGHTLY else usual
