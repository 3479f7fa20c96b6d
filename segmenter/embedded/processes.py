"""Child processes of the demo: each in a group of its own, all stopped together.

A child ends when its parent does, however that happens (on Linux; elsewhere if it ends orderly).
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
"""How long a child may finish what it is doing before it is killed."""
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One program of the demo, and how it is started, told to finish, and told to end at once."""

    name: str
    command: Sequence[str]
    keep: tuple[int, ...] = ()
    """Descriptors that it inherits."""
    at_once: signal.Signals = signal.SIGQUIT
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
                process_group=0,  # Ctrl-C reaches us alone, and we stop the children in order
                preexec_fn=end_with_parent(self.at_once),
            )
        finally:
            os.close(log)

    def ended(self) -> int | None:
        """Return the exit code of a child that has ended, after ending what it left behind."""
        if self.process is None or not _has_ended(self.process):
            return None
        _kill_group(self.process)  # before it is reaped: until then the number is its own
        return self.process.wait()

    def signal(self, how: signal.Signals) -> None:
        """Send a signal to the child itself; its own children are its own affair."""
        if self.process is not None and not _has_ended(self.process):
            self.process.send_signal(how)


def stop(children: Sequence[Child], *, seconds: float = STOP_SECONDS) -> None:
    """Let all children finish, together; after `seconds` end them at once, then kill them."""
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


def end_with_parent(how: signal.Signals) -> Callable[[], None]:
    """Return what a new child calls before it becomes its program (`preexec_fn`)."""
    parent = os.getpid()
    ask = _parent_death_signal(how)

    def prepare() -> None:
        ask()
        if os.getppid() != parent:
            os._exit(1)  # the parent died before we asked to be told

    return prepare


def follow_parent() -> None:
    """Let this process get SIGTERM when its parent dies, even if that one is killed."""
    _parent_death_signal(signal.SIGTERM)()


def _parent_death_signal(how: signal.Signals) -> Callable[[], None]:
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)  # loaded now: a forked child must not
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)


def _wait(children: Sequence[Child], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not all(child.process is None or _has_ended(child.process) for child in children):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Return whether the process has ended, without letting the system forget it."""
    if process.returncode is not None:
        return True
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    found = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return found is not None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
