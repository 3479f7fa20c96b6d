"""Logs of a data folder: bounded while programs write to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segmenter.embedded import folder
from segmenter.embedded.folder import DataFolder


def test_an_overlong_log_is_set_aside_and_its_writers_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LOG_BYTES", 1_000)
    data = DataFolder(tmp_path)
    data.prepare()
    writers = [data.open_log("web") for _ in range(2)]
    log, aside = data.logs / "web.log", data.logs / "web.log.1"
    for turn in range(500):
        for number, writer in enumerate(writers):
            os.write(writer, f"line {turn} of {number}\n".encode())
        data.rotate_logs()
        assert log.stat().st_size <= 1_000
        assert not aside.exists() or aside.stat().st_size <= 1_100
    lines = (aside.read_text() + log.read_text()).splitlines()
    assert lines[-1] == "line 499 of 1"
    assert len(lines) > 60
    assert all(line.startswith("line ") for line in lines)
    assert aside.stat().st_mode & 0o777 == 0o600
    for writer in writers:
        os.close(writer)


def test_a_full_disk_does_not_keep_a_log_from_being_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LOG_BYTES", 1_000)
    data = DataFolder(tmp_path)
    data.prepare()
    writer = data.open_log("web")
    (data.logs / "web.log.1").mkdir()  # nothing can be copied there as a file
    (data.logs / "web.log.1" / "web.log").mkdir()
    os.write(writer, b"x" * 2_000)
    data.rotate_logs()
    assert (data.logs / "web.log").stat().st_size == 0
    os.close(writer)
