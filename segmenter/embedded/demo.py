"""`make demo`: services and programs on one machine, supervised until they are stopped.

Uses the product only by its commands (`manage.py load_demo`, gunicorn, celery) and `/healthz`.
`--empty` loads no demo shop.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import NoReturn

from segmenter.embedded import ServiceError
from segmenter.embedded.folder import PROJECT, DataFolder
from segmenter.embedded.health import problem
from segmenter.embedded.leases import Lease
from segmenter.embedded.locks import try_lock
from segmenter.embedded.ports import listen
from segmenter.embedded.processes import Child, end_with_parent, follow_parent, stop
from segmenter.embedded.terminal import say, step
from segmenter.embedded.watch import WatchedService, restart_ended

EMAIL = "demo@example.com"
HEALTH_SECONDS = 60.0
CRASHES = 5
"""After this number of crashes in a short time the log is printed."""
BACKGROUND = 5
"""Niceness of what nobody waits for: pages and decisions about forms are answered first."""
LOOK_SECONDS = 0.25
"""Interval of checking the children."""


def main(arguments: list[str]) -> int:
    """Run the demo until Ctrl-C, SIGTERM, SIGHUP, or a service that cannot be started."""
    _end_on(signal.SIGTERM, signal.SIGHUP)
    if "--with-parent" in arguments:
        follow_parent()
    data = DataFolder.from_environment()
    try:
        return _run(data, is_empty="--empty" in arguments)
    except (KeyboardInterrupt, SystemExit):
        return 0
    except ServiceError as error:
        say(f"\n{error}")
        return 1


def _run(data: DataFolder, *, is_empty: bool) -> int:
    data.prepare()
    lock = try_lock(data.run / "demo.lock")
    address = data.run / "demo.url"
    if lock is None:
        where = address.read_text().strip() if address.exists() else "another port"
        say(f"The demo of {data.path} runs already, at {where}.")
        return 1
    say("Segmenter")
    host = os.environ.get("HOST") or "127.0.0.1"
    requested_port = _port(os.environ.get("PORT") or "8000")
    children: list[Child] = []
    lease = Lease(data, needs_postgres=not os.environ.get("DATABASE_URL"), tell=say)
    try:
        environment = _start_services(data, lease)
        listener, port = listen(host, requested_port)
        if port != requested_port:
            say(f"  Port {requested_port} is taken: using {port}.")
        own_host = "127.0.0.1" if host == "0.0.0.0" else host
        url = f"http://{own_host}:{port}"
        password = environment["SEGMENTER_DEMO_PASSWORD"]
        web, *others = programs(data, listener)
        shop_url = ""
        if not is_empty:
            shop_listener, shop_port = listen(host, port + 1)
            shop_url = f"http://{own_host}:{shop_port}"
            others.append(shop_program(shop_listener, url))
        children.append(web)
        web.start(data, environment)  # imports its code meanwhile; there are no requests yet
        with step("database" if is_empty else "demo shop") as notes:
            if is_empty:
                _manage("migrate", "--no-input", "--verbosity", "0", environment=environment)
                notes.append("empty")
            else:
                _load_demo(environment, shop_url)
                notes.append("loaded")
        with step("pages"):
            _wait_until_healthy(data, url, web)
        children += others
        for child in others:
            child.start(data, environment)
        address.write_text(f"{url}\n")
        login = "" if is_empty else f"\n  E-mail    {EMAIL}\n  Password  {password}"
        shop = f"\n  Shop      {shop_url}" if shop_url else ""
        say(f"\n  Open      {url}{login}{shop}\n")
        say(f"  Ctrl-C stops everything. Logs: {data.logs}")
        _watch(data, children, lease, environment)
    finally:
        _stop_all(children, lease)
        address.unlink(missing_ok=True)
        os.close(lock)
    return 0


def programs(data: DataFolder, listener: socket.socket) -> list[Child]:
    """Return the three programs of the application; the web server uses our socket."""
    python = sys.executable
    web = [python, "-m", "gunicorn", "segmenter.wsgi:application"]
    web += ["--bind", f"fd://{listener.fileno()}", "--graceful-timeout", "3", "--timeout", "120"]
    celery = [python, "-m", "celery", "-A", "segmenter.celery"]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"]
    worker += ["--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""]
    beat += ["--schedule", str(data.run / "beat-schedule")]
    return [
        Child("web", web, keep=(listener.fileno(),)),
        Child("worker", worker, niceness=BACKGROUND),
        Child("beat", beat, at_once=signal.SIGTERM, niceness=BACKGROUND),
    ]


def shop_program(listener: socket.socket, url: str) -> Child:
    """Return the program that serves the demo shop's own pages: another origin than ours."""
    shop = [sys.executable, str(PROJECT / "manage.py"), "serve_demo_shop"]
    shop += ["--descriptor", str(listener.fileno()), "--server", url]
    return Child("shop", shop, keep=(listener.fileno(),), at_once=signal.SIGTERM)


def _start_services(data: DataFolder, lease: Lease) -> dict[str, str]:
    """Start services that the environment does not name; return the programs' environment."""
    with step("PostgreSQL") as notes:
        lease.acquire()
        notes.append(lease.postgres.describe() if lease.needs_postgres else "from DATABASE_URL")
    with step("Valkey") as notes:
        if not os.environ.get("REDIS_URL"):
            lease.ensure_valkey()
            notes.append(lease.valkey.describe())
        else:
            notes.append("from REDIS_URL")
    inherited = {name: value for name, value in os.environ.items() if value}
    # With it, every restart after a crash would compile all code again, which takes seconds.
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    ours = {
        "DJANGO_SETTINGS_MODULE": "segmenter.settings",
        "SEGMENTER_SECRET_KEY": data.secret("secret-key"),
        "SEGMENTER_DEMO_EMAIL": EMAIL,
        "SEGMENTER_DEMO_PASSWORD": data.secret("demo-login", 9),
        "SEGMENTER_COOKIE_PREFIX": f"s{data.identity[:6]}_",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), inherited.get("PYTHONPATH")])),
    }
    return ours | lease.environment() | inherited


def _load_demo(environment: dict[str, str], shop_url: str) -> None:
    say()
    _manage("load_demo", environment=environment)
    _manage("load_demo_segments", environment=environment)
    _manage("load_demo_forms", shop_url, environment=environment)


def _manage(command: str, *arguments: str, environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, PROJECT / "manage.py", command, *arguments],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
        preexec_fn=end_with_parent(signal.SIGTERM),
    )
    if result.returncode != 0:
        raise ServiceError(f"manage.py {command} failed.")


def _wait_until_healthy(data: DataFolder, url: str, web: Child) -> None:
    deadline = time.monotonic() + HEALTH_SECONDS
    while fault := problem(url.removeprefix("http://"), seconds=1):
        if web.ended() is not None:
            raise ServiceError(_failure(data, "web", "The web server did not start."))
        if time.monotonic() > deadline:
            raise ServiceError(_failure(data, "web", f"The web server is not well: {fault}."))
        time.sleep(0.1)


def _watch(
    data: DataFolder, children: list[Child], lease: Lease, environment: dict[str, str]
) -> None:
    """Restart programs that end by themselves, services first, until we are stopped."""
    watched = []
    if lease.needs_postgres:
        postgres = lease.postgres
        watched.append(
            WatchedService(
                "postgres",
                lambda: "" if postgres.postmaster() is not None else "killed",
                lease.ensure_postgres,
            )
        )
    if not os.environ.get("REDIS_URL"):
        valkey = lease.valkey
        watched.append(
            WatchedService(
                "valkey", lambda: "" if valkey.answers() else "killed", lease.ensure_valkey
            )
        )
    watched += [_watched_service(child, data, environment) for child in children]

    def tell(service: WatchedService, reason: str, pause: float) -> None:
        when = f"in {pause:g} s" if pause else "now"
        log = data.logs / f"{service.name}.log"
        say(f"  {service.name} ended ({reason}): starting it again {when}. Log: {log}")
        if len(service.crashes) == CRASHES:
            say(_failure(data, service.name, f"{service.name} ends again and again."))

    while True:
        restart_ended(watched, tell)
        data.rotate_logs()
        time.sleep(LOOK_SECONDS)


def _watched_service(child: Child, data: DataFolder, environment: dict[str, str]) -> WatchedService:
    def ended() -> str:
        code = child.ended()
        return "" if code is None else f"exit code {code}"

    return WatchedService(child.name, ended, lambda: child.start(data, environment))


def _stop_all(children: list[Child], lease: Lease) -> None:
    if children:
        say("\nStopping ...")
    try:
        stop(children)
    except (KeyboardInterrupt, SystemExit):
        stop(children, seconds=0)  # a second request
    finally:
        lease.release()
    say("Everything has stopped." if children else "")


def _failure(data: DataFolder, name: str, text: str) -> str:
    return f"{text} The end of {data.logs / f'{name}.log'}:\n{data.log_tail(name, 15)}"


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ServiceError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _end_on(*signals: signal.Signals) -> None:
    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    for each in signals:
        if signal.getsignal(each) is not signal.SIG_IGN:  # ignored under nohup
            signal.signal(each, end)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
