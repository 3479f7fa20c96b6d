"""Child processes of the demo: each in its own process group, all stopped together.

A child ends with its parent, even if that is killed (on Linux; elsewhere only after a normal end).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from segmenter.embedded.folder import PROJECT, DataFolder

STOP_SECONDS = 10.0
"""Time for a child to finish its work before it is killed."""
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One program of the demo: starts it, and sends it signals."""

    name: str
    command: Sequence[str]
    keep: tuple[int, ...] = ()
    """Descriptors to inherit."""
    at_once: signal.Signals = signal.SIGQUIT
    niceness: int = 0
    """How far it gives way to the other programs when all want the processors."""
    process: subprocess.Popen[bytes] | None = None

    def start(self, data: DataFolder, environment: Mapping[str, str]) -> None:
        """Start it with its output in `logs/NAME.log`."""
        log = data.open_log(self.name)
        try:
            self.process = subprocess.Popen(
                self.command,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environment),
                pass_fds=self.keep,
                process_group=0,  # Ctrl-C reaches only us, and we stop the children in order
                preexec_fn=end_with_parent(self.at_once, self.niceness),
            )
        finally:
            os.close(log)

    def ended(self) -> int | None:
        """Return the exit code of an ended child, after killing the rest of its process group."""
        if self.process is None or not _has_ended(self.process):
            return None
        _kill_group(self.process)  # before it is reaped: until then its id is not reused
        return self.process.wait()

    def signal(self, signal_number: signal.Signals) -> None:
        """Send a signal to the child itself, not to its children."""
        if self.process is not None and not _has_ended(self.process):
            self.process.send_signal(signal_number)


def stop(children: Sequence[Child], *, seconds: float = STOP_SECONDS) -> None:
    """Stop all children together; after `seconds` send `at_once`, then kill them."""
    for child in children:
        child.signal(signal.SIGTERM)
    if not _wait(children, seconds):
        for child in children:
            child.signal(child.at_once)
        _wait(children, 3.0)
    for child in children:
        if child.process is not None:
            _kill_group(child.process)
            child.process.wait()
            child.process = None


def end_with_parent(signal_number: signal.Signals, niceness: int = 0) -> Callable[[], None]:
    """Return a `preexec_fn` that makes a child end with its parent, and give way to others."""
    parent = os.getpid()
    request_signal = _parent_death_signal(signal_number)

    def prepare() -> None:
        request_signal()
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the request
        os.nice(niceness)

    return prepare


def follow_parent() -> None:
    """Send this process SIGTERM when its parent dies, even if that is killed."""
    _parent_death_signal(signal.SIGTERM)()


def _parent_death_signal(signal_number: signal.Signals) -> Callable[[], None]:
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)  # loaded here: a forked child must not
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def _wait(children: Sequence[Child], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not all(child.process is None or _has_ended(child.process) for child in children):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended, without reaping it."""
    if process.returncode is not None:
        return True
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    result = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return result is not None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
