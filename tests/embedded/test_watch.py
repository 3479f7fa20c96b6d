"""Starting again with growing pauses."""

from __future__ import annotations

from segmenter.embedded.watch import WatchedService, restart_ended


def test_pauses_grow_while_it_goes_on_and_are_forgotten_after_a_minute() -> None:
    one = WatchedService("worker", ended=lambda: "", start=lambda: None)
    assert [one.pause(float(n)) for n in range(9)] == [0, 0.5, 1, 2, 4, 8, 16, 30, 30]
    assert one.pause(120.0) == 0


def test_what_ended_is_told_once_and_started_when_its_pause_is_over() -> None:
    runs, ends = [False], []
    one = WatchedService(
        "web", lambda: "" if runs[0] else "killed", lambda: runs.__setitem__(0, True)
    )
    restart_ended([one], lambda which, how, pause: ends.append((which.name, how, pause)))
    assert runs == [True]
    runs[0] = False
    for _ in range(3):
        restart_ended([one], lambda which, how, pause: ends.append((which.name, how, pause)))
    assert ends == [("web", "killed", 0.0), ("web", "killed", 0.5)]
    assert runs == [False]
    one.due = 0.0
    restart_ended([one], lambda which, how, pause: ends.append((which.name, how, pause)))
    assert runs == [True]
    assert one.due is None
