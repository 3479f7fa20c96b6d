"""Parts that run in a process of their own, on a whole instance that goes away with them.

Django's settings name one database for good, so what uses an instance's cannot share the process of
the other parts. The module of such a part is a program that prints its figures as lines of JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.instance import Instance


def figures_of(module: str, people: int) -> Iterator[tuple[str, float, str]]:
    """Run a module and yield the figures that it prints. Raises AssertionError if it fails."""
    command = [sys.executable, "-m", module, "--profiles", str(people)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            name, figure, unit = json.loads(line)
            yield name, figure, unit
    if run.returncode:
        raise AssertionError(f"the measurement ended with {run.returncode}")


def tell(name: str, figure: float, unit: str) -> None:
    """Tell a figure to the process that runs this one."""
    print(json.dumps([name, figure, unit]), flush=True)


@contextmanager
def new_instance() -> Iterator[Instance]:
    """An instance that Django in this process uses, in a folder that goes away with the block."""
    folder = Path(tempfile.mkdtemp(prefix="segmenter-bench-")).resolve()
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user who must pass through
    try:
        with Instance(folder) as instance:
            instance.adopt()
            yield instance
    finally:
        shutil.rmtree(folder, ignore_errors=True)
