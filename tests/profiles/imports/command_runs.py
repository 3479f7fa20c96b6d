"""Runs of the import commands, and what they print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from profiles.models import Profile


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Ran:
    """What a command printed."""

    def __init__(self, out: str, err: str) -> None:
        self.err = err
        [line] = out.splitlines()
        self.closing: dict[str, Any] = json.loads(line)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rows, accepted, unchanged, rejected."""
        closing = self.closing
        return closing["rows"], closing["accepted"], closing["unchanged"], closing["rejected"]


class Runs:
    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, command: str, content: str | bytes, *options: str, name: str = "") -> Ran:
        path = Path(name or "file.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self._capture.readouterr()
        call_command(command, str(path), *options)
        printed = self._capture.readouterr()
        return Ran(printed.out, printed.err)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runs:
    return Runs(capsys)


def people(*names: str) -> list[tuple[Any, ...]]:
    return list(Profile.objects.order_by("pk").values_list(*names))
