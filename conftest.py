"""Fixtures that all tests share."""

from __future__ import annotations

import signal

# A shell that runs us in the background has us ignore these, and every program that a test starts
# and interrupts would ignore them, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _ignored in (signal.SIGQUIT, signal.SIGHUP):
    signal.signal(_ignored, signal.SIG_DFL)

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.cast"]
