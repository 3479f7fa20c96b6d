"""Who shares the servers, who stops them, and what is left after somebody was killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from kombu import Connection

from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import THROW_AWAY, Lease
from tests.embedded.conftest import Script, eventually, processes_of

HOLD = """
import sys
from pathlib import Path
from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import Lease

with Lease(DataFolder(Path(sys.argv[1]))) as lease:
    if "valkey" in sys.argv:
        lease.ensure_valkey()
    print("postmaster", lease.postgres.postmaster(), flush=True)
    sys.stdin.read()
print("left", flush=True)
"""


def test_nothing_is_left_when_the_only_user_leaves(old_place: Path) -> None:
    with Lease(DataFolder(old_place)) as lease:
        lease.ensure_valkey()
        assert len(processes_of(old_place)) >= 3  # the two servers and the keeper
    assert processes_of(old_place) == []


def test_the_last_of_several_stops_the_server(place: Path, script: Callable[..., Script]) -> None:
    first, second = script(HOLD, place), script(HOLD, place)
    assert first.line("postmaster") == second.line("postmaster")
    first.rest()
    assert processes_of(place) != []
    second.rest()
    assert processes_of(place) == []


def test_many_at_once_neither_collide_nor_leave_anything(
    old_place: Path, script: Callable[..., Script]
) -> None:
    for one in [script(HOLD, old_place) for _ in range(5)]:
        assert "left" in one.rest()
        assert one.process.returncode == 0
    assert processes_of(old_place) == []


def test_a_killed_user_does_not_keep_the_servers_running(
    old_place: Path, script: Callable[..., Script]
) -> None:
    holder = script(HOLD, old_place, "valkey")
    holder.line("postmaster")
    holder.process.kill()
    eventually(lambda: processes_of(old_place) == [])


def test_a_killed_user_does_not_take_the_servers_from_the_others(
    old_place: Path, script: Callable[..., Script]
) -> None:
    killed, stays = script(HOLD, old_place), script(HOLD, old_place)
    killed.line("postmaster")
    running = stays.line("postmaster")
    killed.process.kill()
    killed.process.wait()
    assert script(HOLD, old_place).line("postmaster") == running


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_user_leaves_nothing(
    old_place: Path, script: Callable[..., Script], how: signal.Signals
) -> None:
    stopping = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *a: sys.exit(3))\n"
    holder = script(stopping + HOLD, old_place)
    holder.line("postmaster")
    holder.process.send_signal(how)
    holder.rest()
    assert processes_of(old_place) == []


def test_everything_was_killed_and_the_next_start_works(
    old_place: Path, script: Callable[..., Script]
) -> None:
    holder = script(HOLD, old_place, "valkey")
    holder.line("postmaster")
    for line in processes_of(old_place):
        os.kill(int(line.split()[0]), signal.SIGKILL)
    holder.process.wait()
    assert (old_place / "postgres" / "postmaster.pid").exists()
    # The system has given the number away since.
    stale = (old_place / "postgres" / "postmaster.pid").read_text().splitlines()
    stale[0] = str(os.getpid())
    (old_place / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    with Lease(DataFolder(old_place)) as lease:
        lease.ensure_valkey()
        assert lease.postgres.started
        assert lease.valkey.started
    assert processes_of(old_place) == []


def test_killed_servers_are_started_again(old_place: Path) -> None:
    with Lease(DataFolder(old_place)) as lease:
        lease.ensure_valkey()
        before = lease.postgres.postmaster()
        assert before is not None
        assert lease.valkey.process is not None
        os.kill(before, signal.SIGKILL)
        lease.valkey.process.kill()
        eventually(lambda: lease.postgres.postmaster() is None)
        eventually(lambda: not lease.valkey.answers())
        lease.ensure_postgres()
        lease.ensure_valkey()
        assert lease.postgres.postmaster() not in {None, before}
        assert lease.valkey.answers()
    assert processes_of(old_place) == []


def test_valkey_is_reached_by_redis_clients_and_by_celery(place: Path) -> None:
    with Lease(DataFolder(place / "a folder & 100 %")) as lease:
        assert "REDIS_URL" not in lease.environment()
        lease.ensure_valkey()
        environment = lease.environment()
        with redis.Redis.from_url(environment["REDIS_URL"]) as client:
            assert client.config_get("save")["save"] == ""
        with Connection(environment["SEGMENTER_BROKER_URL"]) as connection:
            queue = connection.SimpleQueue("wake")
            queue.put({"profile": 7})
            assert queue.get(timeout=5).payload == {"profile": 7}
            queue.close()


def test_a_throw_away_folder_goes_with_its_servers(place: Path) -> None:
    folder = place / "data"
    folder.mkdir()
    folder.chmod(0o711)
    (folder / THROW_AWAY).touch()
    with Lease(DataFolder(folder), durable=False):
        assert (folder / "postgres").exists()
    assert not folder.exists()


def test_a_fork_of_a_user_leaves_nothing_to_stop(old_place: Path) -> None:
    with Lease(DataFolder(old_place)) as lease:
        child = os.fork()
        if child == 0:
            lease.release()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert lease.postgres.postmaster() is not None
