"""The data folder: where each file of a one-machine installation lies. Starts nothing."""

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
from segmenter.embedded.locks import holding

PROJECT = Path(__file__).resolve().parent.parent.parent
SOCKET_PATH_BYTES = 103
"""The longest path of a Unix socket that every system takes (Linux 107, macOS and BSD 103)."""
LOG_BYTES = 10_000_000
"""A log larger than this is set aside, and the one that was set aside before is dropped."""


@dataclass(frozen=True)
class DataFolder:
    """One installation's data; two folders never share a process or a socket."""

    path: Path

    @classmethod
    def from_environment(cls) -> DataFolder:
        """Return the folder that SEGMENTER_DATA names, or `.data` in the project."""
        named = os.environ.get("SEGMENTER_DATA")
        return cls(Path(named).expanduser().resolve() if named else PROJECT / ".data")

    @property
    def run(self) -> Path:
        """Locks, sockets and process numbers: everything that may be deleted while nothing runs."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def identity(self) -> str:
        """A short name of this folder on this machine, for what must lie elsewhere."""
        return hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:12]

    def prepare(self) -> None:
        """Make the folder and its parts. Raise ServiceError where that is not allowed."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # The user that runs PostgreSQL for root must be able to pass through the first two.
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
        """Return a descriptor that appends to `logs/NAME.log`, an overlong one set aside first."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def rotate_logs(self) -> None:
        """Set aside what overlong logs hold. Their programs go on writing to the same file.

        That is why every log is opened for appending: the next line is the first one again. What
        is written in the instant between copying and emptying is lost.
        """
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > LOG_BYTES:
                with contextlib.suppress(OSError):  # a full disk is a reason to go on
                    shutil.copy(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)

    def log_tail(self, name: str, lines: int = 8) -> str:
        """Return the last lines of a log, for a message about a service that did not start."""
        path = self.logs / f"{name}.log"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def secret(self, name: str, size: int = 32) -> str:
        """Return the secret kept in file `name` (mode 0600), made at the first call."""
        path = self.path / name
        if not path.exists():
            self.prepare()
            with holding(self.run / "secrets.lock"):
                if not path.exists():
                    draft = path.with_name(f".{name}")
                    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                    with os.fdopen(descriptor, "w") as file:
                        file.write(secrets.token_urlsafe(size) + "\n")
                    draft.replace(path)
        return path.read_text().strip()


def socket_folder(preferred: Path, name: str, uid: int | None = None) -> Path:
    """Return a private folder for the socket `name`, `preferred` unless its path does not do.

    The folder is made, closed to other users and given to `uid`. Raise ServiceError when a folder
    under the temporary directory is somebody else's.
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
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid not in {owner, os.geteuid()}:
        raise ServiceError(f"{folder} is not a private folder of this service. Remove it.")
    os.chown(folder, owner, -1, follow_symlinks=False)
    return folder


def remove_socket_folder(folder: Path) -> None:
    """Remove an empty socket folder, wherever it lies."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def _fits(path: Path) -> bool:
    # A client of PostgreSQL takes a comma for the beginning of another host.
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES and "," not in str(path)
