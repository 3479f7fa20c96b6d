"""Beat and the messages it sends, when clocks jump or hosts differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from segmenter import beat
from segmenter.beat import SteadyScheduler
from segmenter.celery import TimedRequest, app
from segmenter.kernel import clock

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Beat:
    """A scheduler that notes what it sends; time passes by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
        self.sent: list[str] = []
        self.steady = 1_000.0
        monkeypatch.setattr(beat, "elapsed", lambda: self.steady)
        self.scheduler = SteadyScheduler(app, schedule_filename=str(file), lazy=True)
        monkeypatch.setattr(self.scheduler, "apply_entry", self._send)
        self.scheduler.setup_schedule()

    def _send(self, entry: Any, producer: Any = None) -> None:
        self.sent.append(entry.task)

    def within_seconds(self, seconds: int, travel: Any) -> set[str]:
        """What is sent while so much time passes."""
        self.sent = []
        for _second in range(seconds):
            self.steady += 1
            travel.shift(1)
            for _entry in range(20):
                self.scheduler.tick()
        return set(self.sent)


SWEEPS = {"segments.sweep", "segments.sweep_webhooks", "profiles.sweep_mirrors"}


@pytest.mark.parametrize("jump", [timedelta(hours=6), timedelta(days=400)])
def test_beat_goes_on_after_the_clock_was_ahead(
    jump: timedelta, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with time_machine.travel(AT, tick=False) as travel:
        mine = Beat(monkeypatch, tmp_path / "schedule")
        assert mine.within_seconds(11, travel) >= SWEEPS
        travel.shift(jump)
        assert mine.within_seconds(11, travel) >= SWEEPS
        travel.shift(-jump)
        assert mine.within_seconds(11, travel) >= SWEEPS
        assert mine.within_seconds(11, travel) >= SWEEPS


def test_a_schedule_that_was_kept_from_the_future_is_gone_on_from_now(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with time_machine.travel(AT + timedelta(hours=6), tick=False) as travel:
        earlier = Beat(monkeypatch, tmp_path / "schedule")
        earlier.within_seconds(11, travel)
        earlier.scheduler.close()
    with time_machine.travel(AT, tick=False) as travel:
        assert Beat(monkeypatch, tmp_path / "schedule").within_seconds(11, travel) >= SWEEPS


@pytest.mark.parametrize(("age", "expires"), [(-60, False), (19, False), (21, True)])
def test_a_message_expires_by_the_common_time_whatever_the_host_s_clock_says(
    age: int, expires: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_by_reading", lambda: AT)
    assert app.now() == AT
    request = object.__new__(TimedRequest)
    request._expires = AT + timedelta(seconds=20 - age)  # type: ignore[attr-defined]
    request.id = f"message-{age}"
    with time_machine.travel(AT + timedelta(hours=6)):
        assert bool(request.maybe_expire()) is expires
