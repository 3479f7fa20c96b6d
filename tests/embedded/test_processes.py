"""Child processes of the demo."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from segmenter.embedded.demo import programs
from segmenter.embedded.folder import DataFolder
from segmenter.embedded.processes import Child, stop

WAIT = "import time; time.sleep(600)"


def test_what_nobody_waits_for_gives_way_to_the_pages(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    data.prepare()
    with socket.socket() as listener:
        niceness = {each.name: each.niceness for each in programs(data, listener)}
    for name in ("web", "worker"):
        child = Child(name, [sys.executable, "-c", WAIT], niceness=niceness[name])
        child.start(data, os.environ)
        try:
            assert child.process is not None
            own = os.getpriority(os.PRIO_PROCESS, 0)
            assert os.getpriority(os.PRIO_PROCESS, child.process.pid) - own == niceness[name]
        finally:
            stop([child])
    assert niceness["web"] < niceness["worker"]
    assert niceness["web"] < niceness["beat"]
