"""Fixtures that all tests share."""

from __future__ import annotations

import signal

# A shell that runs us in the background has us ignore these, and every program that a test starts
# and interrupts would ignore them, too. What has a handler here is as usual there.
for _signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, lambda _number, _frame: None)

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.cast",
    "tests.fixtures.clock",
    "tests.fixtures.empty_tables",
    "tests.fixtures.language",
    "tests.fixtures.shop_site",
    "tests.fixtures.static_files",
]
