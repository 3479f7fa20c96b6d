"""Commands with nothing started: what they start, migrate, print and leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from segmenter import console
from segmenter.embedded.folder import PROJECT, DataFolder
from segmenter.embedded.leases import Lease
from segmenter.kernel.errors import NotFound
from tests.embedded.conftest import Script, processes_of

BARE = {"DJANGO_SETTINGS_MODULE": "tests.embedded.bare_settings"}
REAL = {"DJANGO_SETTINGS_MODULE": "segmenter.settings"}
SHELL = "import sys; from segmenter.console import main; sys.exit(main(sys.argv))"


def manage(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, under bare settings unless the environment names others."""
    return subprocess.run(
        [sys.executable, PROJECT / "manage.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=os.environ | BARE | {"SEGMENTER_DATA": str(folder)} | environment,
    )


def test_a_command_finds_everything_ready(old_place: Path) -> None:
    code = (
        "from django.db import connection as c; k = c.cursor();"
        "k.execute('SELECT count(*) > 10 FROM django_migrations'); print(k.fetchone())"
    )
    first = manage(old_place, "shell", "--no-imports", "-c", code, **REAL)
    assert (first.returncode, first.stdout) == (0, "(True,)\n"), first.stderr
    assert "Preparing the database" in first.stderr
    again = manage(old_place, "shell", "--no-imports", "-c", code, **REAL)
    assert (again.returncode, again.stdout, again.stderr) == (0, "(True,)\n", "")
    assert processes_of(old_place) == []


def test_commands_that_start_together_migrate_once(
    old_place: Path, script: Callable[..., Script]
) -> None:
    both = [
        script(SHELL, "showmigrations", "--plan", **BARE, SEGMENTER_DATA=str(old_place))
        for _ in range(2)
    ]
    printed = [one.rest() for one in both]
    assert [one.process.returncode for one in both] == [0, 0], printed
    assert sum("Preparing the database" in text for text in printed) == 1
    assert "[ ]" not in "".join(printed)
    assert processes_of(old_place) == []


@pytest.mark.parametrize("arguments", [["--version"], ["migrate", "--help"]])
def test_words_alone_start_nothing(place: Path, arguments: list[str]) -> None:
    answer = manage(place / "data", *arguments)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not (place / "data").exists()


@pytest.mark.parametrize("arguments", [["sing"], ["migrate", "--loudly"]])
def test_wrong_usage_is_two(old_place: Path, arguments: list[str]) -> None:
    answer = manage(old_place, *arguments, SEGMENTER_MIGRATE="0")
    assert answer.returncode == 2
    assert answer.stderr != ""
    assert "Traceback" not in answer.stdout + answer.stderr
    assert processes_of(old_place) == []


def test_an_error_is_a_sentence_and_one(old_place: Path) -> None:
    wrong = ["shell", "--no-imports", "-c", "open('/no/such/file')"]
    answer = manage(old_place, *wrong, SEGMENTER_MIGRATE="0")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "No such file or directory: '/no/such/file'" in answer.stderr
    assert "Traceback" not in answer.stderr
    in_full = manage(old_place, *wrong, SEGMENTER_MIGRATE="0", SEGMENTER_DEBUG="1")
    assert in_full.returncode == 1
    assert "Traceback" in in_full.stderr


def test_our_own_errors_are_told_in_their_words_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: list[str]) -> int:
        raise NotFound("The account 'nobody'")

    monkeypatch.setattr(console, "_run", fail)
    monkeypatch.setattr(console, "_end_on", lambda *signals: None)
    assert console.main(["manage.py", "help"]) == 1
    assert capsys.readouterr().err == "The account 'nobody' was not found.\n"


def test_a_database_that_cannot_be_reached_is_said(place: Path) -> None:
    answer = manage(place, "migrate", DATABASE_URL="postgresql://segmenter@127.0.0.1:1/segmenter")
    assert answer.returncode == 1
    assert "connection" in answer.stderr.lower()
    assert "Traceback" not in answer.stderr
    assert list(place.iterdir()) == []  # with a database named, none is started


def test_a_data_folder_that_cannot_be_made_is_said(place: Path) -> None:
    (place / "file").touch()
    answer = manage(place / "file" / "data", "migrate")
    assert answer.returncode == 1
    assert "SEGMENTER_DATA" in answer.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_nothing(
    old_place: Path, script: Callable[..., Script], how: signal.Signals
) -> None:
    code = "print('running', flush=True); import signal; signal.pause()"
    command = script(
        SHELL, "shell", "--no-imports", "-c", code,
        **BARE, SEGMENTER_DATA=str(old_place), SEGMENTER_MIGRATE="0",
    )  # fmt: skip
    command.line("running")
    command.process.send_signal(how)
    printed = command.rest()
    assert command.process.returncode == 128 + how
    assert "Traceback" not in printed
    assert processes_of(old_place) == []


def test_a_command_beside_a_running_server_shares_it(old_place: Path) -> None:
    with Lease(DataFolder(old_place)) as lease:
        running = lease.postgres.postmaster()
        answer = manage(old_place, "dbshell", "--", "-Atc", "CREATE TABLE shared (); SELECT 1")
        assert (answer.returncode, answer.stdout.splitlines()[-1:]) == (0, ["1"]), answer.stderr
        assert lease.postgres.postmaster() == running
        with psycopg.connect(lease.postgres.url) as connection:
            connection.execute("SELECT * FROM shared")


def test_a_reader_who_leaves_early_is_no_error(old_place: Path) -> None:
    command = subprocess.Popen(
        [sys.executable, PROJECT / "manage.py", "help", "--commands"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | BARE | {"SEGMENTER_DATA": str(old_place)},
    )
    assert command.stdout is not None
    command.stdout.close()
    assert command.stderr is not None
    assert command.stderr.read() == ""
    command.stderr.close()
    command.wait()
