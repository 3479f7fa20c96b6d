"""A shop whose mirror lies in a folder of its own and is used however small it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from profiles.columns import gather
from segmenter.accounts.models import Account, create_account


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settings.SEGMENTER_MIRROR = tmp_path / "mirror"
    settings.SEGMENTER_MIRROR_FROM = 1
    monkeypatch.setattr(gather, "FEW", 1)
    gather.forget()
    yield tmp_path / "mirror"
    gather.forget()


@pytest.fixture
def shop() -> Account:
    return create_account(slug="shop", time_zone="Europe/Stockholm")
