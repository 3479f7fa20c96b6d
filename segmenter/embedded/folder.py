"""The data folder of an installation on one machine: paths, logs, secrets. Starts nothing."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from segmenter.embedded import ServiceError
from segmenter.embedded.locks import locked_file

PROJECT = Path(__file__).resolve().parent.parent.parent
SOCKET_PATH_BYTES = 103
"""The longest path of a Unix socket on every system (Linux 107, macOS and BSD 103)."""
LOG_BYTES = 10_000_000
"""A larger log is rotated; one old log is kept."""


@dataclass(frozen=True)
class DataFolder:
    """One installation's data; two folders never share a process or a socket."""

    path: Path

    @classmethod
    def from_environment(cls) -> DataFolder:
        """Return the folder in SEGMENTER_DATA, or `.data` in the project."""
        value = os.environ.get("SEGMENTER_DATA")
        return cls(Path(value).expanduser().resolve() if value else PROJECT / ".data")

    @property
    def run(self) -> Path:
        """Locks, sockets and process ids: files that may be deleted while nothing runs."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def identity(self) -> str:
        """A short unique name of this folder on this machine, for files outside of it."""
        return hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:12]

    def prepare(self) -> None:
        """Create the folder and its subfolders. Raises ServiceError if that is not allowed."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # The user that runs PostgreSQL for root needs access to the first two.
            for folder, mode in ((self.path, 0o711), (self.run, 0o711), (self.logs, 0o700)):
                if not folder.exists():
                    folder.mkdir(exist_ok=True)
                    folder.chmod(mode)
        except OSError as error:
            raise ServiceError(
                f"The data folder {self.path} cannot be made ({error.strerror}). "
                "Name another one in SEGMENTER_DATA."
            ) from error
        if not os.access(self.run, os.W_OK | os.X_OK):
            raise ServiceError(
                f"The data folder {self.path} belongs to another user. "
                "Run as that user, or name another folder in SEGMENTER_DATA."
            )

    def open_log(self, name: str) -> int:
        """Return a descriptor that appends to `logs/NAME.log`; a large log is rotated first."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def rotate_logs(self) -> None:
        """Rotate large logs by copying. Their programs continue to write to the same file.

        Logs are opened for appending, so that the next line is the first one after truncation.
        Lines written between copying and truncating are lost.
        """
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > LOG_BYTES:
                with contextlib.suppress(OSError):  # truncate even if the disk is full
                    shutil.copy(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)

    def log_tail(self, name: str, lines: int = 8) -> str:
        """Return the last lines of a log, for messages about a service that did not start."""
        path = self.logs / f"{name}.log"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def secret(self, name: str, size: int = 32) -> str:
        """Return the secret in file `name` (mode 0600), which the first call creates."""
        path = self.path / name
        if not path.exists():
            self.prepare()
            with locked_file(self.run / "secrets.lock"):
                if not path.exists():
                    draft = path.with_name(f".{name}")
                    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                    with os.fdopen(descriptor, "w") as file:
                        file.write(secrets.token_urlsafe(size) + "\n")
                    draft.replace(path)
        return path.read_text().strip()


def socket_folder(preferred: Path, name: str, uid: int | None = None) -> Path:
    """Return a private folder for the socket `name`: `preferred`, unless its path is too long.

    The folder is created, closed to other users, and owned by `uid`. Raises ServiceError if a
    folder in the temporary directory belongs to somebody else.
    """
    owner = os.geteuid() if uid is None else uid
    if _fits(preferred / name):
        preferred.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(preferred, owner, -1)
        return preferred
    short = "segmenter-" + hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    places = [Path(place) / short for place in (tempfile.gettempdir(), "/tmp", "/var/tmp")]
    folder = next((place for place in places if _fits(place / name)), places[-1])
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
    if not private or status.st_uid not in {owner, os.geteuid()}:
        raise ServiceError(f"{folder} is not a private folder of this service. Remove it.")
    os.chown(folder, owner, -1, follow_symlinks=False)
    return folder


def remove_socket_folder(folder: Path) -> None:
    """Remove an empty socket folder."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def _fits(path: Path) -> bool:
    # A comma would separate hosts for clients of PostgreSQL.
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES and "," not in str(path)
