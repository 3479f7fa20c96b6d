"""A pytest plugin that gives a test run its own PostgreSQL, before Django's settings are read.

The cluster lies in a temporary folder, does not sync to disk, and is gone after the run, even after
one that was killed. With DATABASE_URL set, the run uses that server instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import THROW_AWAY, Lease

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 2_000_000_000


def new_folder(prefix: str) -> Path:
    """Make a temporary folder that every user can pass through, in memory where there is room."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None)).resolve()
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user who must pass through
    return folder


def throw_away_lease(folder: Path) -> Lease:
    """Return the lease, not acquired, of services whose data folder goes away with them."""
    (folder / THROW_AWAY).touch()
    return Lease(DataFolder(folder), durable=False, tell=print)


class Services:
    """The services of this test run; each starts when it is first needed."""

    def __init__(self) -> None:
        self.lease: Lease | None = None

    def start(self) -> None:
        """Put the environment in place that the settings read."""
        for name in ("REDIS_URL", "SEGMENTER_BROKER_URL"):
            os.environ.pop(name, None)  # tasks run in the test itself
        lease = throw_away_lease(new_folder("segmenter-tests-"))
        lease.needs_postgres = not os.environ.get("DATABASE_URL")
        atexit.register(lease.release)
        self.lease = lease.acquire()
        os.environ.update(lease.environment())

    def stop(self) -> None:
        if self.lease is not None:
            self.lease.release()


services = Services()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Start before pytest-django, which loads the settings in this same hook."""
    options = early_config.known_args_namespace
    if not options.help and not options.version:
        services.start()
    return (yield)


def pytest_unconfigure() -> None:
    services.stop()


@pytest.fixture
def broker() -> Lease:
    """Valkey, started at first use; `lease.environment()` tells a child process where it is."""
    assert services.lease is not None
    services.lease.ensure_valkey()
    return services.lease
