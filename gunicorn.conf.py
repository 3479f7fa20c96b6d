"""How gunicorn serves the pages, here and in production. What differs is on its command line."""

from __future__ import annotations

import gc
from importlib import import_module
from threading import Thread, Timer
from typing import Any

from django.urls import get_resolver

worker_class = "segmenter.server.worker.BufferedWorker"
workers, threads = 2, 4
preload_app = True
"""The code is loaded once and not by each process: after a crash that halves the time to answer."""
control_socket_disable = True
"""It would lie in the home folder, one for all copies."""
PANDAS_SECONDS = 5.0
GARBAGE = 5_000
"""So many more objects than before make Python look for garbage in rings. Looking after each 700,
as is usual, takes a third of the time of a bulk request, which makes many objects and no rings;
after each 50,000 it holds up all requests of a process for 20 ms, every few seconds."""


def when_ready(server: Any) -> None:
    get_resolver().url_patterns  # noqa: B018 (loads the pages, which else the first request does)


def post_worker_init(worker: Any) -> None:
    gc.freeze()  # what has been loaded stays; nobody needs to look through it again
    gc.set_threshold(GARBAGE, 10, 10)
    # Arrow loads pandas when it is first given an array, which takes longer than any preview may.
    # Not before the fork and not at once: the first answers after a crash do not need it.
    timer = Timer(PANDAS_SECONDS, _load_pandas)
    timer.daemon = True
    timer.start()
    if worker.age == 1:  # one of those that start together
        Thread(target=_print_set_up_link, daemon=True).start()


def _load_pandas() -> None:
    import_module("pandas")
    gc.freeze()  # looking through it would hold up requests for 20 ms every few seconds


def _print_set_up_link() -> None:
    import_module("segmenter.accounts.set_up").print_set_up_link()
