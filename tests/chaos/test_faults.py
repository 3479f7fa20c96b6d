"""A minute of kill -9 on every part of a whole instance under load; `make chaos` takes three."""

from __future__ import annotations

import subprocess
import sys

from segmenter.embedded.folder import PROJECT

SECONDS = 60


def test_nothing_is_lost_and_membership_is_right_whatever_is_killed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--seconds", str(SECONDS)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout + run.stderr
