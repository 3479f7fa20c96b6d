"""Work shared by two threads."""

from __future__ import annotations

from functools import partial
from threading import Barrier, get_ident

import pytest

from segmenter.kernel.threads import run_together


def test_everything_is_given_in_order() -> None:
    assert run_together([partial(pow, n, 2) for n in range(50)]) == [n * n for n in range(50)]
    assert run_together([]) == []


def test_another_thread_helps() -> None:
    both_are_here = Barrier(2, timeout=10)

    def task() -> int:
        both_are_here.wait()
        return get_ident()

    assert len(set(run_together([task, task]))) == 2


def test_work_within_work_ends() -> None:
    def inner() -> int:
        return sum(run_together([partial(abs, n) for n in range(10)]))

    assert run_together([inner] * 20) == [45] * 20


def test_an_error_is_raised_and_the_rest_is_left() -> None:
    starts: list[int] = []

    def task(n: int) -> None:
        starts.append(n)
        if n == 2:
            raise ValueError("two")

    with pytest.raises(ValueError, match="two"):
        run_together([partial(task, n) for n in range(1_000)])
    assert 2 in starts
    assert len(starts) < 1_000
    assert run_together([lambda: 1, lambda: 2]) == [1, 2]
