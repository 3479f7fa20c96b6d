"""Answers after a whole number of steps of time, so that how long one takes tells nothing.

To store somebody new takes other statements than to store somebody known, a few milliseconds apart.
"""

from __future__ import annotations

import math
import time

from segmenter.kernel.clock import elapsed

STEP = 0.05
"""Seconds. Longer than storing usually takes."""


def wait_for_step(since: float) -> None:
    """Wait until a whole number of steps has passed since then (`clock.elapsed`)."""
    passed = elapsed() - since
    time.sleep(math.ceil(passed / STEP) * STEP - passed if STEP else 0)
