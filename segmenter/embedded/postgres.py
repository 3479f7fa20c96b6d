"""The PostgreSQL cluster of a data folder: creates, starts, finds and stops it.

The server listens on a Unix socket in a private folder and on no network address. Methods except
`url` need the lease (see leases.py), so that there are no concurrent callers.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from segmenter.embedded import ServiceError
from segmenter.embedded.binaries import PostgresPrograms, find_postgres
from segmenter.embedded.folder import DataFolder, remove_socket_folder, socket_folder
from segmenter.embedded.locks import end_holder, lives, try_lock
from segmenter.embedded.owner import Owner, home_of, owner_of, reachable_programs

NAME = "segmenter"
"""The name of the database and of its only role."""
PORT = 5432
"""A part of the socket file's name; nothing listens on a port."""
START_SECONDS = 300.0
"""Time limit of recovery after a crash."""
STOP_SECONDS = 60.0
BUILTIN_LOCALE_SINCE = 17
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "unix_socket_permissions": "0700",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",  # small, as truncating a table scans all of it
}
_LEAST_BUFFERS, _MOST_BUFFERS = 128, 2_048
"""MB."""


def shared_buffers() -> str:
    """PostgreSQL's setting of that name: an eighth of the machine's memory, within bounds.

    Memory is used only as pages are read; the system's own cache has more of them.
    """
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return f"{min(max(megabytes // 8, _LEAST_BUFFERS), _MOST_BUFFERS)}MB"


class PostgresServer:
    """The server of one data folder. With `durable` False a crash of the machine may lose it."""

    def __init__(
        self,
        data: DataFolder,
        *,
        durable: bool = True,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.data = data
        self.durable = durable
        self.tell = tell
        self.lock = data.run / "postgres.lock"
        self.process: subprocess.Popen[bytes] | None = None
        self.started = False
        self.origin = ""

    @property
    def home(self) -> Path:
        return home_of(self.data, self.tell)

    @property
    def cluster(self) -> Path:
        return self.home / "postgres"

    def ensure(self) -> None:
        """Start the server (and create its cluster) if needed, and wait until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while (lock := try_lock(self.lock)) is None:
            # A process of a server is alive: it runs, or starts, or is a child of a killed server,
            # which ends by itself.
            if self.postmaster() and self._status() == "ready":
                return
            if time.monotonic() > deadline:
                raise ServiceError(self._failure("PostgreSQL does not get ready."))
            time.sleep(0.01)
        try:
            self._start(lock)
        finally:
            os.close(lock)
        self._wait_until_ready(deadline)
        self.started = True

    def describe(self) -> str:
        """Describe the server: version, origin, and whether we started it."""
        version = (self.cluster / "PG_VERSION").read_text().strip()
        origin = f", {self.origin}" if self.origin else ""
        return f"{version}{origin}, {'started' if self.started else 'found running'}"

    @property
    def url(self) -> str:
        """The URL of the running server for Django."""
        host = quote(self._pid_file()[4], safe="/")
        return f"postgresql://{NAME}@/{NAME}?host={host}&port={PORT}"

    def postmaster(self) -> int | None:
        """Return the process id of the server if it is alive."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        if self.process is not None:
            self.process.poll()  # reap a dead child, which else keeps its id
        pid = int(lines[0])
        return pid if _works_in(pid, self.cluster) else None

    def stop(self) -> None:
        """Stop the server and wait until all its processes have ended."""
        lines = self._pid_file()
        signals = {
            signal.SIGINT: STOP_SECONDS,  # "fast": ends sessions, writes a checkpoint
            signal.SIGQUIT: 10.0,  # "immediate": the next start recovers from the log
        }
        end_holder(self.lock, self.postmaster, signals)
        if self.process is not None:
            self.process.terminate()  # nothing to do unless the data folder was deleted
            self.process.wait()
            self.process = None
        if len(lines) > 4:
            remove_socket_folder(Path(lines[4]))

    def remove(self) -> None:
        """Delete a stopped server's folder in ELSEWHERE, if it has one."""
        home = self.home
        if home != self.data.path:
            shutil.rmtree(home)

    def _start(self, lock: int) -> None:
        cluster = self.cluster
        owner = owner_of(cluster)
        if not cluster.exists():
            programs = find_postgres()
            self._make_cluster(self._programs(programs, owner), programs.major, owner)
        else:
            self._refuse_foreign_server(cluster)
            try:
                major = int((cluster / "PG_VERSION").read_text())
            except PermissionError as error:
                raise ServiceError(
                    f"{cluster} belongs to another user. Run as that user or as root, "
                    "or name another data folder in SEGMENTER_DATA."
                ) from error
            programs = find_postgres(major)
        self.origin = programs.origin
        folder = self._programs(programs, owner)
        run = self.data.run if self.home == self.data.path else self.home
        sockets = socket_folder(run / "sockets", f".s.PGSQL.{PORT}.lock", owner.uid)
        for stale in sockets.glob(".s.PGSQL.*"):
            stale.unlink()  # safe: we have the server's lock
        durable = _DURABLE | {"shared_buffers": shared_buffers()}
        settings = _SETTINGS | (durable if self.durable else _THROW_AWAY)
        quoted = str(sockets).replace('"', '""')
        settings |= {"unix_socket_directories": f'"{quoted}"'}
        command: list[str | Path] = [folder / "postgres", "-D", cluster, "-p", str(PORT)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        log = self.data.open_log("postgres")
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock],
                start_new_session=True,
                **owner.process(),
            )
        finally:
            os.close(log)

    def _programs(self, programs: PostgresPrograms, owner: Owner) -> Path:
        return reachable_programs(programs.folder, owner, self.home)

    def _make_cluster(self, folder: Path, major: int, owner: Owner) -> None:
        """Create the cluster in a temporary folder and rename it: it is never incomplete."""
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        owner.own(draft)
        # Text sorts by code point, the same on every machine, and upper and lower case work.
        locale = (
            ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if major >= BUILTIN_LOCALE_SINCE
            else ["--locale=C.UTF-8", "--lc-messages=C"]
        )
        result = owner.run(
            [folder / "initdb", "-D", draft, "-N", "-A", "trust", "-U", NAME, "-E", "UTF8", *locale]
        )
        if result.returncode == 0:
            single_user_options: list[str | Path] = [
                "--single",
                "-F",
                "-c",
                "exit_on_error=on",
                "-D",
                draft,
                "postgres",
            ]
            result = owner.run(
                [folder / "postgres", *single_user_options], input=f"CREATE DATABASE {NAME};\n"
            )
        if result.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise ServiceError(f"The database cannot be made in {self.home}.\n{result.stderr}")
        draft.rename(self.cluster)

    def _refuse_foreign_server(self, cluster: Path) -> None:
        """Raise ServiceError if another server uses the cluster; delete a stale pid file.

        After a crash another process may have the id in the pid file, and PostgreSQL would refuse
        to start. We have the lock that our servers inherit, so that only a server that was started
        by hand can use the cluster.
        """
        pid = self.postmaster()
        if pid is not None:
            raise ServiceError(
                f"Another PostgreSQL server (process {pid}) uses {cluster}. Stop it first."
            )
        lines = self._pid_file()
        if lines and lines[0].strip().isdigit() and lives(int(lines[0])):
            (cluster / "postmaster.pid").unlink()

    def _wait_until_ready(self, deadline: float) -> None:
        assert self.process is not None
        pause = 0.002
        notice_time = time.monotonic() + 5
        while self._status() != "ready" or self.postmaster() != self.process.pid:
            if self.process.poll() is not None:
                raise ServiceError(self._failure("PostgreSQL did not start."))
            now = time.monotonic()
            if now > deadline:
                raise ServiceError(self._failure("PostgreSQL does not get ready."))
            if now > notice_time:
                self.tell("PostgreSQL repairs itself after a crash; this can take minutes.")
                notice_time = deadline
            time.sleep(pause)
            pause = min(pause * 1.3, 0.05)

    def _failure(self, text: str) -> str:
        return f"{text} The end of {self.data.logs / 'postgres.log'}:\n" + self.data.log_tail(
            "postgres"
        )

    def _pid_file(self) -> list[str]:
        """Return postmaster.pid as lines: id, folder, start, port, socket folder, ..., status."""
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _status(self) -> str:
        lines = self._pid_file()
        return lines[7].strip() if len(lines) > 7 else ""


def _works_in(pid: int, folder: Path) -> bool:
    """Whether the process is alive and a server of that cluster."""
    if not lives(pid):
        return False
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").samefile(folder)
        except OSError:
            return False
    command = ["ps", "-o", "args=", "-p", str(pid)]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "postgres" in output and str(folder) in output
