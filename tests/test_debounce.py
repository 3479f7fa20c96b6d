"""Many commits in a moment wake a worker once, and none goes unseen."""

from __future__ import annotations

from itertools import pairwise

import pytest
from celery import Celery

from segmenter.kernel.debounce import GAP, Waker, debounce


def woken(commits: list[float]) -> list[tuple[float, float]]:
    """(when sent, when taken up) of the messages for commits at these seconds."""
    clock = iter(commits)
    messages: list[tuple[float, float]] = []
    time = [0.0]

    def elapsed() -> float:
        time[0] = next(clock)
        return time[0]

    waker = Waker(lambda _, wait: messages.append((time[0], time[0] + wait)), elapsed, gap=1.0)
    for _ in commits:
        waker.wake(7)
    return messages


def test_the_first_message_goes_at_once() -> None:
    assert woken([5.0]) == [(5.0, 5.0)]


def test_those_that_follow_closely_share_one() -> None:
    assert woken([5.0, 5.1, 5.2, 5.9]) == [(5.0, 5.0), (5.1, 6.0)]


def test_a_commit_after_the_message_was_taken_up_gets_its_own() -> None:
    assert woken([5.0, 5.1, 6.0, 6.5]) == [(5.0, 5.0), (5.1, 6.0), (6.0, 7.0)]


def test_every_commit_is_followed_by_a_message_that_is_taken_up_later() -> None:
    commits = [n * n % 97 / 13 for n in range(200)]
    commits.sort()
    messages = woken(commits)
    assert all(any(due >= commit for _, due in messages) for commit in commits)
    assert all(later - sooner >= 1.0 - 1e-9 for (_, sooner), (_, later) in pairwise(messages))


def test_accounts_do_not_wait_for_each_other() -> None:
    account_ids: list[int] = []
    waker = Waker(lambda account_id, _: account_ids.append(account_id), lambda: 3.0)
    waker.wake(1)
    waker.wake(2)
    assert account_ids == [1, 2]


@pytest.mark.parametrize("eager", [False, True])
def test_a_task_is_sent_to_workers_or_left_to_the_sweep(
    eager: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Celery("test", broker="memory://", set_as_current=False)
    app.conf.task_always_eager = eager
    runs: list[tuple[tuple[int], float | None]] = []

    @app.task
    def task(id_: int) -> None: ...

    def apply_async(args: tuple[int], countdown: float) -> None:
        runs.append((args, countdown))

    monkeypatch.setattr(task, "apply_async", apply_async)
    monkeypatch.setattr(task, "delay", lambda id_: runs.append(((id_,), None)))
    times = iter([5.0, 5.02])
    wake = debounce(task, lambda: next(times))

    wake(7)
    wake(7)

    assert runs == ([] if eager else [((7,), None), ((7,), pytest.approx(GAP - 0.02))])
