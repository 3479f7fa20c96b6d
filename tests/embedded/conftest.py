"""Data folders that go away with the processes that use them, and ways to look at those."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segmenter.embedded.folder import PROJECT
from tests.database import new_folder, throw_away_lease

PATIENCE = 20.0
"""Seconds after which something that should have happened counts as failed."""


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of all living processes that work with the folder."""
    lines = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command or f"SEGMENTER_DATA={folder}\0" in environment:
            lines.append(f"{entry.name} {command}")
    return lines


def eventually(true: Callable[[], object]) -> None:
    """Return as soon as `true()` is; fail when it never is."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster as it is after its first start, to be copied."""
    lease = throw_away_lease(new_folder("segmenter-cluster-")).acquire()
    lease.postgres.stop()
    target = tmp_path_factory.mktemp("cluster") / "postgres"
    subprocess.run(["cp", "-a", lease.postgres.cluster, target], check=True)
    lease.release()
    return target


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new folder that every user can pass through, with no services named in the environment."""
    for name in ("DATABASE_URL", "REDIS_URL", "SEGMENTER_BROKER_URL", "SEGMENTER_DATA"):
        monkeypatch.delenv(name, raising=False)
    folder = new_folder("segmenter-place-")
    yield folder
    eventually(lambda: processes_of(folder) == [])
    shutil.rmtree(folder)


@pytest.fixture
def old_place(place: Path, cluster: Path) -> Path:
    """A data folder that was used before."""
    subprocess.run(["cp", "-a", cluster, place / "postgres"], check=True)
    return place


class Script:
    """A Python program in a process of its own that reports line by line."""

    def __init__(self, code: str, *arguments: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=PROJECT,
            env=os.environ | environment,
        )
        self.lines: list[str] = []

    def line(self, start: str) -> str:
        """Return the next line that begins so, after waiting for it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.strip().startswith(start):
                return line.strip()
        raise AssertionError(f"{start!r} was never printed:\n{''.join(self.lines)}")

    def rest(self) -> str:
        """Let it go on to its end, and return everything that it printed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.lines += self.process.stdout
        self.process.wait(PATIENCE)
        return "".join(self.lines)


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    """Start scripts; whatever still runs at the end is killed."""
    started: list[Script] = []

    def start(code: str, *arguments: object, **environment: str) -> Script:
        started.append(Script(code, *arguments, **environment))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        for stream in (one.process.stdin, one.process.stdout):
            if stream is not None:
                stream.close()
