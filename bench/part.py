"""The process that runs parts of a benchmark: one line of JSON for each figure, then the targets.

`python -m bench.part --data DIR --profiles N PART` for a part on the large shop, which lies in
DIR; without `--data` parts on the made-up demo shop share a database that goes away with them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

from bench.parts import measured, module_of, targets_of
from bench.store import EVENTS_EACH, open_store
from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import THROW_AWAY, Lease

PEOPLE = {"small": 500, "demo": 5_000}


def main() -> int:
    """Run the parts and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.part", description=__doc__)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--data", type=Path, help="of the large shop")
    parser.add_argument("--profiles", type=int)
    parser.add_argument("--events-each", type=int, default=EVENTS_EACH)
    parser.add_argument("--size", choices=PEOPLE, default="demo")
    options = parser.parse_args()
    if options.data:
        each = options.events_each
        with open_store(options.data, options.profiles, _tell, events_each=each) as store:
            if not options.parts:
                _say({"loaded": store.load_seconds})
            for part in options.parts:
                for figure in measured(part, store):
                    _say(asdict(figure))
            _say_targets(options.parts)
        return 0
    with _empty_database():
        for part in options.parts:
            sizes = getattr(module_of(part), "PEOPLE", PEOPLE)  # some need a larger shop
            for figure in measured(part, options.profiles or sizes[options.size]):
                _say(asdict(figure))
        _say_targets(options.parts)
    return 0


def _say_targets(parts: list[str]) -> None:
    for (part, name), target in targets_of(parts).items():
        _say({"target": asdict(target), "part": part, "name": name})


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _empty_database() -> Iterator[None]:
    """An empty database that goes away with the block."""
    folder = Path(tempfile.mkdtemp(prefix="segmenter-bench-")).resolve()
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user who must pass through
    (folder / THROW_AWAY).touch()
    with Lease(DataFolder(folder), tell=_tell) as lease:
        for name in ("REDIS_URL", "SEGMENTER_BROKER_URL"):
            os.environ.pop(name, None)  # no workers: they would take time from what is measured
        os.environ.update(lease.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "segmenter.settings"
        django.setup()
        # What follows a change is not measured here, and without a broker it would run inside.
        import_module("profiles.changes").profile_change.subscribers.clear()
        call_command("migrate", interactive=False, verbosity=0)
        try:
            yield
        finally:
            connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
