"""The user that runs the PostgreSQL server, and a place for files that this user can access.

Root starts the server as an unprivileged user, because PostgreSQL refuses to run as root.
Permissions outside of our own folders are not changed: files that the user could not access are
stored elsewhere.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmenter.embedded import ServiceError
from segmenter.embedded.folder import DataFolder

ELSEWHERE = Path("/var/lib/segmenter")
"""Folder of clusters whose data folder the unprivileged user cannot access."""


@dataclass(frozen=True)
class Owner:
    """The user that a server process runs as; `uid` None means the present user."""

    uid: int | None = None
    gid: int | None = None

    def run(self, command: list[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program as this user and return its output as text."""
        return subprocess.run(
            command, capture_output=True, text=True, check=False, **self.process(), **options
        )

    def process(self) -> dict[str, Any]:
        """Return the `subprocess` arguments of a process of this user, with a clean environment."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        common: dict[str, Any] = {"cwd": "/", "env": environment | {"LC_ALL": "C"}}
        if self.uid is not None:
            common |= {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}
        return common

    def own(self, folder: Path) -> None:
        """Make this user the owner of a folder and close it to others."""
        folder.chmod(0o700)
        if self.uid is not None:
            os.chown(folder, self.uid, self.gid if self.gid is not None else -1)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can access the folder through its parents."""
        if self.uid is None:
            return True
        return self.run(["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether this user can run the program and its libraries."""
        try:
            return self.run([program, "-V"]).returncode == 0
        except PermissionError:
            return False


def owner_of(cluster: Path) -> Owner:
    """Return the user that runs the server of this cluster: its owner for root, else ourselves."""
    if os.geteuid() != 0:
        return Owner()
    if cluster.exists() and cluster.stat().st_uid != 0:
        status = cluster.stat()
        return Owner(status.st_uid, status.st_gid)
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(entry.pw_uid, entry.pw_gid)
    raise ServiceError(
        "PostgreSQL cannot run as root, and this machine has no user 'nobody'. "
        "Start Segmenter as a plain user, or set DATABASE_URL."
    )


def home_of(data: DataFolder, tell: Callable[[str], None]) -> Path:
    """Return the folder of the cluster: the data folder, or one in ELSEWHERE.

    The choice is made once and stored in the data folder, so that a new data folder never gets the
    cluster of a deleted one.
    """
    note = data.path / "postgres.location"
    if note.exists():
        return Path(note.read_text().strip())
    if (data.path / "postgres").exists() or owner_of(data.path / "postgres").can_enter(data.path):
        return data.path
    home = ELSEWHERE / f"{data.identity}-{secrets.token_hex(4)}"
    try:
        for folder in (ELSEWHERE, home):
            if not folder.exists():
                folder.mkdir()
                folder.chmod(0o711)
    except OSError as error:
        raise ServiceError(
            "PostgreSQL cannot run as root, and the user it runs as instead cannot reach "
            f"{data.path}. Name a folder that every user can reach in SEGMENTER_DATA."
        ) from error
    note.write_text(f"{home}\n")
    tell(f"PostgreSQL runs as a plain user, who cannot reach {data.path}: its files lie in {home}.")
    return home


def reachable_programs(folder: Path, owner: Owner, home: Path) -> Path:
    """Return `folder`, or the folder of a copy in `home` that `owner` can run."""
    if owner.can_run(folder / "postgres"):
        return folder
    install = folder.parent
    package = install.parent
    copies = home / "programs"
    copy = copies / package.name / install.name / "bin"
    if copy.exists() and _same_file(copy / "postgres", folder / "postgres"):
        return copy
    shutil.rmtree(copies, ignore_errors=True)
    skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(install, copies / package.name / install.name, symlinks=True, ignore=skip)
    libraries = package.with_name(package.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, copies / libraries.name, symlinks=True)
    for place, _, files in os.walk(copies):
        Path(place).chmod(0o755)
        for name in files:
            file = Path(place, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    return copy


def _same_file(first: Path, second: Path) -> bool:
    a, b = first.stat(), second.stat()
    return (a.st_size, int(a.st_mtime)) == (b.st_size, int(b.st_mtime))
