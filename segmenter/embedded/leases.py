"""Shares the servers of a data folder among the processes that need them.

Users of the servers have a shared lock on the lease file. Stopping them needs an exclusive lock, so
that there is no new user meanwhile. The last user stops them. If it is killed, the keeper does
(keeper.py), which waits for the same lock.
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
    acquire,
    is_locked,
    locked_file,
    open_lock,
    try_acquire,
    try_lock,
    wait_until_free,
)
from segmenter.embedded.postgres import PostgresServer
from segmenter.embedded.valkey import ValkeyServer

THROW_AWAY = "throw-away"
"""A data folder with a file of this name is deleted after its servers have stopped."""


class Lease:
    """A lease of the servers of a data folder, from `with` or `acquire` until `release`."""

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
        """Acquire the lease, and wait until PostgreSQL answers, if it is needed.

        Raises ServiceError if that fails; then nothing is left running.
        """
        self.data.prepare()
        self._descriptor = open_lock(self.data.run / "lease")
        try:
            acquire(self._descriptor, shared=True)
            if self.needs_postgres:
                self.ensure_postgres()
        except BaseException:
            self.release()
            raise
        return self

    def ensure_postgres(self) -> None:
        """Start PostgreSQL unless it runs; also after it was killed."""
        with locked_file(self.data.run / "start.lock"):
            self._ensure_keeper()
            self.postgres.ensure()

    def ensure_valkey(self) -> None:
        """Start Valkey unless it runs; also after it was killed."""
        with locked_file(self.data.run / "start.lock"):
            self._ensure_keeper()
            self.valkey.ensure()

    def environment(self) -> dict[str, str]:
        """Return the environment variables with the addresses of the running servers."""
        variables = {"SEGMENTER_DATA": str(self.data.path)}
        if self.needs_postgres:
            variables["DATABASE_URL"] = self.postgres.url
        if not os.environ.get("REDIS_URL") and self.valkey.answers():
            variables["REDIS_URL"] = self.valkey.url
            variables["SEGMENTER_BROKER_URL"] = self.valkey.broker_url
        return variables

    def release(self) -> None:
        """Release the lease, and stop the servers if nobody else uses them. Idempotent."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None or os.getpid() != self._process:
            return  # a forked child has no lease
        try:
            with locked_file(self.data.run / "leave.lock"):
                if try_acquire(descriptor):
                    stop_servers(self.data, self.postgres, self.valkey)
                    self._stop_keeper()
                    discard(self.data, self.postgres)
                elif not try_acquire(descriptor, shared=True):
                    acquire(descriptor, shared=True)  # the keeper is stopping them
        finally:
            os.close(descriptor)
            for process in (self.postgres.process, self.valkey.process, self._keeper):
                if process is not None and process.poll() is None:
                    process.returncode = 0  # other users continue; it ends with the last one

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
        lock = try_lock(self.data.run / "keeper.lock")
        if lock is None:
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
                pass_fds=[lock],
                start_new_session=True,
            )
            number.write_text(str(self._keeper.pid))
        finally:
            os.close(lock)

    def _stop_keeper(self) -> None:
        lock = self.data.run / "keeper.lock"
        if is_locked(lock):
            try:
                os.kill(int((self.data.run / "keeper.pid").read_text()), signal.SIGTERM)
            except (FileNotFoundError, ValueError, ProcessLookupError):
                return
            wait_until_free(lock, 5)
        if self._keeper is not None:
            self._keeper.wait()


def stop_servers(data: DataFolder, postgres: PostgresServer, valkey: ValkeyServer) -> None:
    """Stop both; the caller must have the exclusive lock. Ctrl-C does not interrupt it."""
    handlers = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        for signal_number in handlers:
            signal.signal(signal_number, signal.SIG_IGN)
    except ValueError:
        handlers = {}  # not the main thread, which alone receives signals
    try:
        valkey.stop()
        postgres.stop()
    finally:
        for signal_number, handler in handlers.items():
            signal.signal(signal_number, handler)


def discard(data: DataFolder, postgres: PostgresServer) -> None:
    """Delete a throw-away data folder whose servers have stopped."""
    if (data.path / THROW_AWAY).exists():
        postgres.remove()
        shutil.rmtree(data.path)
