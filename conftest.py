"""Fixtures that all tests share."""

from __future__ import annotations

import signal

# A shell that runs us in the background has us ignore Ctrl-C, and every program that a test
# starts and interrupts would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.cast"]
