"""A whole instance, run as `make demo` runs one, in a folder that mostly goes away with it.

PostgreSQL, Valkey, web, worker and beat are real processes that the demo's own supervisor watches.
Tests of faults and benchmarks of the whole use it from outside.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType

import django

from segmenter.embedded.folder import PROJECT, DataFolder
from segmenter.embedded.leases import THROW_AWAY
from segmenter.embedded.postgres import PostgresServer
from segmenter.embedded.valkey import ValkeyServer

START_SECONDS = 120.0
STOP_SECONDS = 60.0


class Instance:
    """Starts with `with`; at the end all of it stops and its folder is deleted, unless `keep`.

    `address` is `host:port` of the pages. `said` holds what the supervisor prints.
    """

    def __init__(self, folder: Path, *, keep: bool = False) -> None:
        self.data = DataFolder(folder)
        self.keep = keep
        self.said: list[str] = []
        self.address = ""
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Instance:
        if not self.keep:
            (self.data.path / THROW_AWAY).touch()
        services = ("DATABASE_URL", "REDIS_URL", "SEGMENTER_BROKER_URL")
        environment = {name: value for name, value in os.environ.items() if name not in services}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "segmenter.embedded.demo", "--empty", "--with-parent"],
            cwd=PROJECT,
            env=environment | {"SEGMENTER_DATA": str(self.data.path), "PORT": "18000"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        Thread(target=self._listen, daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        try:
            while not self.address:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("The instance did not start:\n" + "\n".join(self.said))
                time.sleep(0.05)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop everything, as Ctrl-C would."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()

    def adopt(self) -> None:
        """Let Django in this process use the instance's database, broker and secrets."""
        valkey = ValkeyServer(self.data)
        os.environ |= {
            "SEGMENTER_DATA": str(self.data.path),
            "SEGMENTER_SECRET_KEY": self.data.secret("secret-key"),
            "DATABASE_URL": PostgresServer(self.data).url,
            "REDIS_URL": valkey.url,
            "SEGMENTER_BROKER_URL": valkey.broker_url,
            "DJANGO_SETTINGS_MODULE": "segmenter.settings",
        }
        django.setup()

    def pid(self, name: str) -> int:
        """The main process of web, worker, beat, postgres or valkey. Raises LookupError."""
        if name == "postgres":
            number = PostgresServer(self.data).postmaster()
        elif name == "valkey":
            with contextlib.suppress(FileNotFoundError, ValueError):
                return int((self.data.run / "valkey.pid").read_text())
            number = None
        else:
            mark = {"web": "gunicorn", "worker": "worker", "beat": "beat"}[name]
            assert self.process is not None
            mine = (p for p in children(self.process.pid) if mark in command(p))
            number = next(mine, None)
        if number is None:
            raise LookupError(f"{name} does not run")
        return number

    def log(self, name: str) -> str:
        """All that a part has logged so far."""
        path = self.data.logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _listen(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            words = line.split()
            if words[:1] == ["Open"]:
                self.address = words[1].removeprefix("http://")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that live, oldest first."""
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if int(parent) == pid and state != "Z":
                    pids.append(int(entry.name))
    return sorted(pids)


def family(pid: int) -> list[int]:
    """A process and all that came from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def command(pid: int) -> Sequence[str]:
    """The words of a process's command line; none once it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return ()


def processes_of(folder: Path) -> list[str]:
    """All living processes that name the folder on their command line or in their environment."""
    lines = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in text:
            lines.append(f"{entry.name} {' '.join(command(int(entry.name)))}")
    return lines
