"""Shares the servers of a data folder among the processes that need them.

Everyone who uses the servers holds the lease file's lock, shared; whoever stops them holds it
alone, so nobody comes in meanwhile. The last to leave stops them. Should that one be killed, the
keeper does (keeper.py): it waits for the same lock.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType

from segmenter.embedded.folder import PROJECT, DataFolder
from segmenter.embedded.locks import (
    holding,
    is_held,
    open_lock,
    take,
    try_hold,
    try_take,
    wait_until_free,
)
from segmenter.embedded.postgres import PostgresServer
from segmenter.embedded.valkey import ValkeyServer

THROW_AWAY = "throw-away"
"""A data folder with a file of this name is deleted when its servers have stopped."""


class Lease:
    """The right to use the servers of a data folder, from `with` or `acquire` until `release`."""

    def __init__(
        self,
        data: DataFolder,
        *,
        needs_postgres: bool = True,
        durable: bool = True,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.data = data
        self.needs_postgres = needs_postgres
        self.postgres = PostgresServer(data, durable=durable, tell=tell)
        self.valkey = ValkeyServer(data)
        self._descriptor: int | None = None
        self._process = os.getpid()
        self._keeper: subprocess.Popen[bytes] | None = None

    def acquire(self) -> Lease:
        """Return when PostgreSQL answers, if it is needed.

        Raise ServiceError where that cannot be, with nothing left running.
        """
        self.data.prepare()
        self._descriptor = open_lock(self.data.run / "lease")
        try:
            take(self._descriptor, shared=True)
            if self.needs_postgres:
                self.ensure_postgres()
        except BaseException:
            self.release()
            raise
        return self

    def ensure_postgres(self) -> None:
        """Start PostgreSQL unless it runs; also after it was killed."""
        with holding(self.data.run / "start.lock"):
            self._ensure_keeper()
            self.postgres.ensure()

    def ensure_valkey(self) -> None:
        """Start Valkey unless it runs; also after it was killed."""
        with holding(self.data.run / "start.lock"):
            self._ensure_keeper()
            self.valkey.ensure()

    def environment(self) -> dict[str, str]:
        """Return what the settings read about the servers that run."""
        found = {"SEGMENTER_DATA": str(self.data.path)}
        if self.needs_postgres:
            found["DATABASE_URL"] = self.postgres.url
        if not os.environ.get("REDIS_URL") and self.valkey.answers():
            found["REDIS_URL"] = self.valkey.url
            found["SEGMENTER_BROKER_URL"] = self.valkey.broker_url
        return found

    def release(self) -> None:
        """Leave, and stop the servers if nobody else uses them. A second call does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None or os.getpid() != self._process:
            return  # a fork of the holder leaves nothing
        try:
            with holding(self.data.run / "leave.lock"):
                if try_take(descriptor):
                    stop_servers(self.data, self.postgres, self.valkey)
                    self._stop_keeper()
                    discard(self.data, self.postgres)
                elif not try_take(descriptor, shared=True):
                    take(descriptor, shared=True)  # the keeper stops them just now
        finally:
            os.close(descriptor)
            for process in (self.postgres.process, self.valkey.process, self._keeper):
                if process is not None and process.poll() is None:
                    process.returncode = 0  # others use it on, and it ends with them

    def __enter__(self) -> Lease:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _ensure_keeper(self) -> None:
        held = try_hold(self.data.run / "keeper.lock")
        if held is None:
            return
        number = self.data.run / "keeper.pid"
        number.unlink(missing_ok=True)
        try:
            self._keeper = subprocess.Popen(
                [sys.executable, "-E", "-S", "-m", "segmenter.embedded.keeper", self.data.path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=PROJECT,
                pass_fds=[held],
                start_new_session=True,
            )
            number.write_text(str(self._keeper.pid))
        finally:
            os.close(held)

    def _stop_keeper(self) -> None:
        lock = self.data.run / "keeper.lock"
        if is_held(lock):
            try:
                os.kill(int((self.data.run / "keeper.pid").read_text()), signal.SIGTERM)
            except (FileNotFoundError, ValueError, ProcessLookupError):
                return
            wait_until_free(lock, 5)
        if self._keeper is not None:
            self._keeper.wait()


def stop_servers(data: DataFolder, postgres: PostgresServer, valkey: ValkeyServer) -> None:
    """Stop both; only while holding the lease alone. Ctrl-C does not interrupt it."""
    kept = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        for one in kept:
            signal.signal(one, signal.SIG_IGN)
    except ValueError:
        kept = {}  # not the main thread: signals do not arrive here anyway
    try:
        valkey.stop()
        postgres.stop()
    finally:
        for one, handler in kept.items():
            signal.signal(one, handler)


def discard(data: DataFolder, postgres: PostgresServer) -> None:
    """Delete a throw-away data folder whose servers have stopped."""
    if (data.path / THROW_AWAY).exists():
        postgres.remove()
        shutil.rmtree(data.path)
