"""Measures speed on this machine, prints one table, and writes it to a file on request.

Run it by `make bench`, or `.venv/bin/python -m bench --profiles 1000000 --data DIR`. With `--data`
the large shop stays in DIR and is used again; otherwise everything is created in temporary
folders and nothing is left behind. Every database writes each commit to disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import report
from bench.parts import ON_LARGE_SHOP, PARTS, Figure, Target
from bench.physical import busy_cores
from bench.store import EVENTS_EACH
from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import THROW_AWAY, Lease

PROFILES = 30_000
FULL_FROM = 1_000_000


def main() -> int:
    """Run the chosen parts, each in a process of its own, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument(
        "--profiles",
        type=int,
        metavar="N",
        help=f"people in the large shop (default {PROFILES:,}); "
        "in the made-up shop where no part asks for the large one",
    )
    parser.add_argument(
        "--events-each",
        type=int,
        metavar="N",
        default=EVENTS_EACH,
        help=f"events in the large shop for each of its people (default {EVENTS_EACH})",
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the large shop here")
    parser.add_argument(
        "--size",
        choices=("small", "demo"),
        help="of what the other parts make up (default small; demo from a million people on)",
    )
    parser.add_argument(
        "--write", action="store_true", help="write bench/results and docs/performance.md"
    )
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"There is no part {min(unknown)!r}.")
    busy = busy_cores()
    parts = options.parts or list(PARTS)
    large = [part for part in parts if part in ON_LARGE_SHOP]
    others = [part for part in parts if part not in ON_LARGE_SHOP]
    profiles = options.profiles or PROFILES
    run = Run(profiles)
    print(f"{os.cpu_count()} cores, {profiles:,} people", flush=True)
    if busy > report.IDLE:
        print(f"Something else keeps {busy:.1f} cores at work: expect worse figures.")
    if large:
        with _folder(options.data) as folder:
            arguments = ["--data", str(folder), "--profiles", str(profiles)]
            arguments += ["--events-each", str(options.events_each)]
            run.take(arguments)  # loads, if need be
            with Lease(DataFolder(folder), tell=_tell):  # keeps the server between the parts
                for part in large:
                    run.take([*arguments, part])
    if others:
        arguments = ["--size", options.size or ("demo" if profiles >= FULL_FROM else "small")]
        if options.profiles and not large:
            arguments += ["--profiles", str(options.profiles)]
        run.take([*arguments, *others])
    facts = report.Facts(
        profiles=profiles,
        events=profiles * options.events_each,
        load_seconds=run.load_seconds,
        cores=os.cpu_count() or 1,
        taken=dict.fromkeys(parts, datetime.now(UTC).date().isoformat()),
        busy=dict.fromkeys(parts, round(busy, 1)),
    )
    print("\n" + report.table(run.figures, run.targets))
    if options.write:
        report.write(facts, run.figures, run.targets)
    return run.failures


class Run:
    """What has been measured so far."""

    def __init__(self, profiles: int) -> None:
        self.profiles = profiles
        self.figures: list[Figure] = []
        self.targets: dict[tuple[str, str], Target] = {}
        self.load_seconds: float | None = None
        self.failures = 0

    def take(self, arguments: Sequence[str]) -> None:
        """Run a process and read its output, a line at a time."""
        for line in self._lines([sys.executable, "-m", "bench.part", *arguments]):
            if "loaded" in line:
                self.load_seconds = line["loaded"]
            elif "target" in line:
                self.targets[line["part"], line["name"]] = Target(**line["target"])
            else:
                figure = Figure(**line)
                self.figures.append(figure)
                whose = "" if figure.whose == "Segmenter" else f", {figure.whose}"
                number = report.number(figure.value)
                print(f"{figure.name + whose:<68} {number:>10} {figure.unit}", flush=True)

    def _lines(self, command: Sequence[str]) -> Iterator[dict[str, Any]]:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield json.loads(line)
        if process.returncode:
            self.failures += 1
            print(f"{' '.join(command[2:])} ended with {process.returncode}", file=sys.stderr)


@contextmanager
def _folder(place: Path | None) -> Iterator[Path]:
    """The data folder, or one that goes away with the block."""
    if place is not None:
        yield place.expanduser().resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="segmenter-bench-")).resolve()
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user who must pass through
    try:
        yield folder
    finally:
        with Lease(DataFolder(folder), needs_postgres=False):
            (folder / THROW_AWAY).touch()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
