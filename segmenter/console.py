"""Runs one `manage.py` command: services, settings, migrations, the command, clean-up.

Every failure becomes a message on standard error and an exit code: 1, or 2 for wrong usage.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import django
from django.apps import apps
from django.core.management import call_command, execute_from_command_line, get_commands
from django.db import connection, connections

from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import Lease

WITHOUT_DATABASE = frozenset(
    {
        *("help", "version", "makemessages", "compilemessages", "collectstatic", "findstatic"),
        "evaluate_predictions",
    }
)
WITHOUT_MIGRATION = WITHOUT_DATABASE | {"migrate", "makemigrations", "squashmigrations", "dbshell"}
FAILED = 1
WRONG_USAGE = 2
MIGRATION_LOCK = 0x5E6_3E7E2
"""Key of the advisory lock that lets one command at a time migrate."""


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code. Raises nothing but SystemExit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")
    _end_on(signal.SIGTERM, signal.SIGHUP)
    try:
        with _services(arguments):
            code = _run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # The reader of our output has ended, as `head` does: no message.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:  # of any class: a person sees a sentence, not a traceback
        _tell(error, in_full=_wants_traceback(arguments))
        return FAILED


def _run(arguments: list[str]) -> int:
    command = _command(arguments)
    if command is not None and command not in WITHOUT_DATABASE:
        django.setup()
        if command not in get_commands():
            print(
                f"Unknown command: {command!r}. 'manage.py help' lists them all.", file=sys.stderr
            )
            return WRONG_USAGE
        if command not in WITHOUT_MIGRATION and os.environ.get("SEGMENTER_MIGRATE", "1") != "0":
            migrate_if_needed()
    try:
        execute_from_command_line(arguments)
    finally:
        if apps.ready:
            connections.close_all()
    return 0


def migrate_if_needed() -> bool:
    """Apply missing migrations and return whether there were any.

    Costs one query if there are none. Commands that start together wait for each other.
    """

    if not _missing_migrations():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            count = _missing_migrations()
            if count:
                print(f"Preparing the database ({count} steps) ...", file=sys.stderr)
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return bool(count)


def _missing_migrations() -> int:
    """Return the number of migration files that are not applied; none of them is imported."""

    files = {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in Path(app.path, "migrations").glob("[0-9]*.py")
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return len(files)
        cursor.execute("SELECT app, name FROM django_migrations")
        return len(files - set(cursor.fetchall()))


@contextmanager
def _services(arguments: list[str]) -> Iterator[None]:
    """Start the command's database if needed, and stop it afterwards."""
    command = _command(arguments)
    if command is None or command in WITHOUT_DATABASE or os.environ.get("DATABASE_URL"):
        yield
        return
    data = DataFolder.from_environment()
    with Lease(data, tell=lambda text: print(text, file=sys.stderr)) as lease:
        os.environ.setdefault("SEGMENTER_SECRET_KEY", data.secret("secret-key"))
        os.environ.update(lease.environment())
        yield


def _command(arguments: list[str]) -> str | None:
    """Return the command's name, or None when only help or the version is asked for."""
    if len(arguments) < 2 or arguments[1].startswith("-"):
        return None
    if {"-h", "--help", "--version"} & set(arguments[2:]):
        return None
    return arguments[1]


def _wants_traceback(arguments: list[str]) -> bool:
    return "--traceback" in arguments or os.environ.get("SEGMENTER_DEBUG", "0") not in {"", "0"}


def _tell(error: Exception, *, in_full: bool) -> None:
    if in_full:
        traceback.print_exception(error)
        return
    text = str(error).strip() or type(error).__name__
    if any(kind.__module__.startswith("segmenter.") for kind in type(error).__mro__):
        print(text, file=sys.stderr)
    else:
        print(
            f"{type(error).__name__}: {text}\nSEGMENTER_DEBUG=1 shows where it happened.",
            file=sys.stderr,
        )


def _end_on(*signals: signal.Signals) -> None:
    """Raise SystemExit on these signals, so that everything is closed as after Ctrl-C."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    for each in signals:
        if signal.getsignal(each) is not signal.SIG_IGN:  # ignored under nohup
            signal.signal(each, end)
