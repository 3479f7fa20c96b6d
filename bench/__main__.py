"""Measures speed on this machine and prints one table.

Run it by `make bench`, or `.venv/bin/python -m bench --size small`. It starts a PostgreSQL of its
own in a temporary folder, with every commit written to disk, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import THROW_AWAY, Lease

PARTS = ("ingest", "preview", "live", "edge_tick", "freshness")
PEOPLE = {"small": 500, "demo": 5_000}


def main() -> int:
    """Run the chosen parts and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--size", choices=PEOPLE, default="demo", help="of the made-up shop")
    parser.add_argument("--profiles", type=int, metavar="N", help="people in it, instead of a size")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"There is no part {min(unknown)!r}.")
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"Something else runs on this machine (load {load:.1f}): expect worse figures.")
    size = f"{chosen.profiles:,} people" if chosen.profiles else f"size {chosen.size}"
    print(f"{os.cpu_count()} cores, {size}\n", flush=True)
    with _database():
        for part in chosen.parts or PARTS:
            module = import_module(f"bench.{part}")
            sizes = getattr(module, "PEOPLE", PEOPLE)  # some need a larger shop
            for name, figure, unit in module.measure(chosen.profiles or sizes[chosen.size]):
                print(f"{name:<64} {figure:>10,.{1 if figure < 100 else 0}f} {unit}", flush=True)
    return 0


@contextmanager
def _database() -> Iterator[None]:
    """An empty database that goes away with the block."""
    folder = Path(tempfile.mkdtemp(prefix="segmenter-bench-")).resolve()
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user who must pass through
    (folder / THROW_AWAY).touch()
    with Lease(DataFolder(folder), tell=lambda text: print(text, file=sys.stderr)) as lease:
        for name in ("REDIS_URL", "SEGMENTER_BROKER_URL"):
            os.environ.pop(name, None)  # no workers: they would take time from what is measured
        os.environ.update(lease.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "segmenter.settings"
        django.setup()
        # What follows a change is not measured here, and without a broker it would run inside.
        import_module("profiles.changes").nudges.clear()
        call_command("migrate", interactive=False, verbosity=0)
        try:
            yield
        finally:
            connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
