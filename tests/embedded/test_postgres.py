"""One cluster: from nothing, with either set of programs, wherever its folder lies, as any user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from segmenter.embedded import ServiceError, owner
from segmenter.embedded.binaries import find_postgres
from segmenter.embedded.folder import PROJECT, DataFolder
from segmenter.embedded.leases import Lease
from segmenter.embedded.owner import Owner
from tests.embedded.conftest import processes_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")


def ask(lease: Lease, question: str) -> object:
    with psycopg.connect(lease.postgres.url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row is not None and len(row) == 1 else row


@pytest.fixture(params=["system", "embedded"])
def origin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SEGMENTER_POSTGRES", request.param)
    try:
        find_postgres()
    except ServiceError as error:
        if request.param == "embedded":
            raise
        pytest.skip(str(error))
    return str(request.param)


def test_starts_from_nothing_and_keeps_what_it_was_told(place: Path, origin: str) -> None:
    data = DataFolder(place)
    with Lease(data) as lease:
        assert origin in lease.postgres.describe()
        with psycopg.connect(lease.postgres.url) as connection:
            connection.execute("CREATE TABLE words (word text)")
            connection.execute("INSERT INTO words VALUES ('b'), ('Z'), ('ä'), ('a'), ('Å')")
    with Lease(data) as lease:
        words = ask(lease, "SELECT string_agg(word, '' ORDER BY word) FROM words")
        assert words == "ZabÅä"  # by code point, on every machine
        assert ask(lease, "SELECT lower('ŁÅÄÖ') || upper('łåäö')") == "łåäöŁÅÄÖ"
    assert processes_of(place) == []


def test_answered_means_stored_and_no_address_is_open(old_place: Path) -> None:
    with Lease(DataFolder(old_place)) as lease:
        assert ask(
            lease,
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
            " current_setting('full_page_writes'), current_setting('listen_addresses')",
        ) == ("on", "on", "on", "")


def test_a_folder_with_a_long_path_gets_a_short_socket(place: Path) -> None:
    deep = place / "/".join(["a-rather-long-name-of-a-folder"] * 5)
    with Lease(DataFolder(deep)) as lease:
        lease.ensure_valkey()
        sockets = ask(lease, "SELECT current_setting('unix_socket_directories')")
        assert not str(sockets).strip('"').startswith(str(deep))
        folder = Path(str(sockets).strip('"'))
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    assert processes_of(deep) == []


def test_a_folder_with_odd_letters(place: Path) -> None:
    with Lease(DataFolder(place / "Ett år & 100 %, \"q\" 'x'")) as lease:
        assert ask(lease, "SELECT current_database()") == "segmenter"


def test_a_start_that_was_interrupted_is_done_again(place: Path) -> None:
    half = place / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with Lease(DataFolder(place)) as lease:
        assert ask(lease, "SELECT 1") == 1
    assert not half.exists()


def test_data_of_another_version_says_which_is_missing(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServiceError, match=r"PostgreSQL 9 was not found"):
        Lease(DataFolder(place)).acquire()
    assert processes_of(place) == []


def test_a_server_that_does_not_start_says_why(old_place: Path) -> None:
    data = DataFolder(old_place)
    with Lease(data) as lease:
        home = lease.postgres.cluster
    (home / "global" / "pg_control").unlink()
    with pytest.raises(ServiceError, match=r"(?s)PostgreSQL did not start.*pg_control"):
        Lease(data).acquire()
    assert processes_of(old_place) == []


def test_a_wrong_choice_of_programs_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENTER_POSTGRES", "mysql")
    with pytest.raises(ServiceError, match="must be system or embedded"):
        Lease(DataFolder(place)).acquire()


@as_root
def test_root_runs_it_as_somebody_else_and_changes_nothing_outside(place: Path) -> None:
    before = place.stat()
    with Lease(DataFolder(place / "data")) as lease:
        server = lease.postgres.postmaster()
        assert Path(f"/proc/{server}").stat().st_uid != 0
        assert (place / "data" / "postgres").stat().st_mode & 0o777 == 0o700
    after = place.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


@as_root
@pytest.mark.parametrize("programs", ["system", "embedded"])
def test_root_keeps_the_cluster_elsewhere_when_the_user_cannot_reach_the_data(
    place: Path, monkeypatch: pytest.MonkeyPatch, programs: str
) -> None:
    monkeypatch.setattr(owner, "ELSEWHERE", place / "elsewhere")
    monkeypatch.setattr(owner.Owner, "can_run", lambda self, program: programs == "system")
    if programs == "embedded":
        monkeypatch.setenv("SEGMENTER_POSTGRES", "embedded")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    messages: list[str] = []
    data = DataFolder(closed / "data")
    for _ in range(2):
        with Lease(data, tell=messages.append) as lease:
            assert lease.postgres.cluster.is_relative_to(place / "elsewhere")
            assert ask(lease, "SELECT 1") == 1
    assert len(messages) == 1
    assert str(place / "elsewhere") in messages[0]
    assert closed.stat().st_mode & 0o777 == 0o700
    # A deleted data folder is a new beginning.
    shutil.rmtree(data.path)
    with Lease(data, tell=messages.append) as lease:
        assert len(list((place / "elsewhere").iterdir())) == 2


@as_root
def test_a_plain_user_needs_no_help(place: Path) -> None:
    python, nobody = plain_python()
    folder = place / "home"
    folder.mkdir()
    owner_of_it = pwd.getpwnam("nobody")
    os.chown(folder, owner_of_it.pw_uid, owner_of_it.pw_gid)
    code = place / "code" / "segmenter"
    shutil.copytree(PROJECT / "segmenter" / "embedded", code / "embedded")
    shutil.copy(PROJECT / "segmenter" / "__init__.py", code)
    program = (
        "import sys; from pathlib import Path\n"
        "from segmenter.embedded.folder import DataFolder\n"
        "from segmenter.embedded.leases import Lease\n"
        "for _ in range(2):\n"
        "    with Lease(DataFolder(Path(sys.argv[1]))) as lease:\n"
        "        print(lease.postgres.cluster.owner(), lease.postgres.describe())\n"
    )
    answer = subprocess.run(
        [python, "-c", program, folder / "data"],
        capture_output=True,
        text=True,
        check=False,
        **nobody.process() | {"cwd": place / "code"},
    )
    assert answer.stderr == ""
    assert answer.stdout.splitlines()[0].startswith("nobody ")
    assert len(answer.stdout.splitlines()) == 2
    assert processes_of(folder) == []


@as_root
def test_data_of_somebody_else_is_refused_with_a_reason(place: Path) -> None:
    python, nobody = plain_python()
    code = place / "code" / "segmenter"
    shutil.copytree(PROJECT / "segmenter" / "embedded", code / "embedded")
    shutil.copy(PROJECT / "segmenter" / "__init__.py", code)
    DataFolder(place / "data").prepare()
    program = (
        "import sys; from pathlib import Path\n"
        "from segmenter.embedded import ServiceError\n"
        "from segmenter.embedded.folder import DataFolder\n"
        "from segmenter.embedded.leases import Lease\n"
        "try:\n"
        "    Lease(DataFolder(Path(sys.argv[1]))).acquire()\n"
        "except ServiceError as error:\n"
        "    print(error)\n"
    )
    answer = subprocess.run(
        [python, "-c", program, place / "data"],
        capture_output=True,
        text=True,
        check=False,
        **nobody.process() | {"cwd": place / "code"},
    )
    assert answer.stderr == ""
    assert "belongs to another user" in answer.stdout


def plain_python() -> tuple[str, Owner]:
    """Return a Python and a user without rights who can start it."""
    entry = pwd.getpwnam("nobody")
    nobody = Owner(entry.pw_uid, entry.pw_gid)
    names = [sys.executable, *(f"/usr/bin/python3.{minor}" for minor in (11, 12, 13, 14))]
    for name in names:
        if Path(name).exists() and nobody.can_run(Path(name)):
            return name, nobody
    pytest.skip("no Python on this machine can be started by a plain user")
