"""The demo's conduct: what it prints, what it starts again, and that nothing outlives it.

Its three programs are stand-ins here; everything else is real.
"""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.embedded.conftest import Script, eventually, processes_of

DEMO = """
import signal, sys
from segmenter.embedded import demo, folder, processes
from segmenter.embedded.processes import Child

WEB = '''
import http.server, socket, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Page, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
'''
BROKEN = "import sys; sys.exit('this page is broken')"
WAIT = "import signal; signal.pause()"
TALKATIVE = "import time\\nwhile 1: print('a line of the worker', flush=True); time.sleep(1e-4)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\\nwhile 1: signal.pause()"

def programs(data, listener):
    fd = listener.fileno()
    web = BROKEN if "broken" in sys.argv else WEB
    wait = STUBBORN if "stubborn" in sys.argv else WAIT
    wait = TALKATIVE if "talkative" in sys.argv else wait
    return [
        Child("web", [sys.executable, "-c", web, str(fd)], keep=(fd,)),
        Child("worker", [sys.executable, "-c", wait, "the-worker"], at_once=signal.SIGTERM),
        Child("beat", [sys.executable, "-c", WAIT, "the-beat"], at_once=signal.SIGTERM),
    ]

demo.programs = programs
folder.LOG_BYTES = 5_000
demo.shop_program = lambda listener, url: Child("shop", [sys.executable, "-c", WAIT, "the-shop"])
demo._load_demo = lambda environment, shop: print("shop of", environment["DATABASE_URL"])
demo.stop.__kwdefaults__["seconds"] = 0.3 if "stubborn" in sys.argv else 10
sys.exit(demo.main(sys.argv[1:]))
"""


@pytest.fixture
def port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def _runs_anew(folder: Path, what: str, before: int) -> bool:
    """Whether a process of the demo runs under another number than `before`."""
    return any(
        what in line and "demo.main" not in line and int(line.split()[0]) != before
        for line in processes_of(folder)
    )


def pid_of(folder: Path, what: str) -> int:
    return next(
        int(line.split()[0])
        for line in processes_of(folder)
        if what in line and "demo.main" not in line
    )


def test_prints_where_and_who_and_ctrl_c_leaves_nothing(
    old_place: Path, script: Callable[..., Script], port: str
) -> None:
    demo = script(DEMO, SEGMENTER_DATA=str(old_place), PORT=port)
    url = demo.line("Open").split()[1]
    assert url == f"http://127.0.0.1:{port}"
    assert demo.line("E-mail").split()[1] == "demo@example.com"
    assert demo.line("Password").split()[1] == (old_place / "demo-login").read_text().strip()
    assert demo.line("Shop").split()[1].startswith("http://127.0.0.1:")
    assert (old_place / "demo-login").stat().st_mode & 0o777 == 0o600
    assert (old_place / "secret-key").stat().st_mode & 0o777 == 0o600
    with urllib.request.urlopen(url) as answer:
        assert answer.status == 200
    demo.line("Ctrl-C")
    demo.process.send_signal(signal.SIGINT)
    assert "Everything has stopped." in demo.rest()
    assert demo.process.returncode == 0
    assert processes_of(old_place) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_it(
    old_place: Path, script: Callable[..., Script], port: str, how: signal.Signals
) -> None:
    demo = script(DEMO, SEGMENTER_DATA=str(old_place), PORT=port)
    demo.line("Ctrl-C")
    demo.process.send_signal(how)
    demo.process.wait()
    eventually(lambda: processes_of(old_place) == [])


def test_what_is_killed_is_started_again(
    old_place: Path, script: Callable[..., Script], port: str
) -> None:
    demo = script(DEMO, SEGMENTER_DATA=str(old_place), PORT=port)
    demo.line("Ctrl-C")
    for what, name in (
        ("the-worker", "worker"),
        ("valkey-server", "valkey"),
        ("postgres -D", "postgres"),
        ("http.server", "web"),
    ):
        before = pid_of(old_place, what)
        os.kill(before, signal.SIGKILL)
        demo.line(f"{name} ended")
        eventually(partial(_runs_anew, old_place, what, before))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}") as answer:
        assert answer.status == 200


def test_what_ignores_the_end_is_ended(
    old_place: Path, script: Callable[..., Script], port: str
) -> None:
    demo = script(DEMO, "stubborn", SEGMENTER_DATA=str(old_place), PORT=port)
    demo.line("Ctrl-C")
    demo.process.terminate()
    demo.rest()
    assert processes_of(old_place) == []


def test_a_page_that_does_not_start_says_why_and_leaves_nothing(
    old_place: Path, script: Callable[..., Script], port: str
) -> None:
    demo = script(DEMO, "broken", SEGMENTER_DATA=str(old_place), PORT=port)
    assert "this page is broken" in demo.rest()
    assert demo.process.returncode == 1
    assert processes_of(old_place) == []


def test_a_taken_port_gives_the_next_and_a_second_demo_its_own(
    old_place: Path, script: Callable[..., Script], port: str
) -> None:
    first = script(DEMO, SEGMENTER_DATA=str(old_place), PORT=port)
    first.line("Ctrl-C")
    second = script(DEMO, SEGMENTER_DATA=str(old_place / "second"), PORT=port)
    assert f"Port {port} is taken: using" in second.line("Port")
    second.line("Ctrl-C")
    again = script(DEMO, SEGMENTER_DATA=str(old_place), PORT=port)
    assert f"runs already, at http://127.0.0.1:{port}" in again.rest()
    assert again.process.returncode == 1
    second.process.send_signal(signal.SIGINT)
    second.rest()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}") as answer:
        assert answer.status == 200


def test_a_port_that_is_none_is_refused(old_place: Path, script: Callable[..., Script]) -> None:
    demo = script(DEMO, SEGMENTER_DATA=str(old_place), PORT="http")
    assert "PORT must be a number" in demo.rest()
    assert demo.process.returncode == 1
    assert processes_of(old_place) == []


def test_logs_are_rotated_while_their_programs_run(
    old_place: Path, script: Callable[..., Script], port: str
) -> None:
    demo = script(DEMO, "talkative", SEGMENTER_DATA=str(old_place), PORT=port)
    demo.line("Ctrl-C")
    log, aside = old_place / "logs" / "worker.log", old_place / "logs" / "worker.log.1"
    eventually(aside.exists)
    first = aside.stat().st_mtime_ns
    eventually(lambda: aside.stat().st_mtime_ns != first)
    assert aside.read_text().splitlines()[-1] == "a line of the worker"
    assert log.stat().st_size < 1_000_000
    assert aside.stat().st_mode & 0o777 == 0o600
    demo.process.send_signal(signal.SIGINT)
    demo.rest()
