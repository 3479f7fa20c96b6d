"""A folder of the server: where files may go, and that they are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from segmenter.accounts.models import Account
from segments.destinations.stores.folder import FolderStore
from segments.engine.remote_call import NeedsAttention, TryAgain
from tests.segments.destinations.stores.access import access_to, new_file

pytestmark = pytest.mark.django_db
STORE = FolderStore()


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    settings.SEGMENTER_DESTINATION_FOLDER = str(root)
    return root


def test_without_the_operators_word_there_is_no_folder(
    account: Account, settings: Settings, tmp_path: Path
) -> None:
    settings.SEGMENTER_DESTINATION_FOLDER = ""
    with pytest.raises(NeedsAttention, match="SEGMENTER_DESTINATION_FOLDER"):
        STORE.put(access_to(account, {"folder": "a"}), "a.csv", new_file(tmp_path))


def test_a_file_is_put_into_the_accounts_folder_and_replaced(
    account: Account, root: Path, tmp_path: Path
) -> None:
    access = access_to(account, {"folder": "reports/daily"})
    assert STORE.check(access) == str(root / "shop/reports/daily")
    where = STORE.put(access, "members.csv", new_file(tmp_path, b"one"))
    assert STORE.put(access, "members.csv", new_file(tmp_path, b"two")) == where
    assert Path(where).read_bytes() == b"two"
    assert os.listdir(root / "shop/reports/daily") == ["members.csv"]


def test_a_file_is_deleted_and_one_that_is_not_there_is_no_error(
    account: Account, root: Path, tmp_path: Path
) -> None:
    access = access_to(account, {})
    STORE.put(access, "members.csv", new_file(tmp_path))
    STORE.delete(access, "members.csv")
    STORE.delete(access, "members.csv")
    assert os.listdir(root / "shop") == []


@pytest.mark.parametrize(
    "folder",
    ["..", "../other", "a/../../other", "/etc", "a/./..", "a\\..\\b", "a\0b", "a\nb", "x" * 201],
)
def test_no_folder_leads_out_of_the_accounts_own(
    account: Account, root: Path, tmp_path: Path, folder: str
) -> None:
    with pytest.raises(NeedsAttention):
        STORE.put(access_to(account, {"folder": folder}), "a.csv", new_file(tmp_path))
    assert list(root.rglob("*.csv")) == []


def test_a_link_out_of_the_folder_is_not_followed(
    account: Account, root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "shop").mkdir()
    (root / "shop" / "link").symlink_to(outside)
    for folder in ("link", "link/deeper"):
        with pytest.raises(NeedsAttention, match="leads out"):
            STORE.put(access_to(account, {"folder": folder}), "a.csv", new_file(tmp_path))
    assert os.listdir(outside) == []


def test_a_folder_that_cannot_be_used_needs_attention(
    account: Account, root: Path, settings: Settings
) -> None:
    (root / "shop").write_text("a file")
    with pytest.raises(NeedsAttention):
        STORE.check(access_to(account, {"folder": "a"}))
    settings.SEGMENTER_DESTINATION_FOLDER = str(root / "gone")
    with pytest.raises(NeedsAttention) as error:
        STORE.check(access_to(account, {}))
    assert str(root) not in error.value.words


def test_a_file_that_cannot_be_read_leaves_the_older_one(
    account: Account, root: Path, tmp_path: Path
) -> None:
    access = access_to(account, {})
    where = STORE.put(access, "members.csv", new_file(tmp_path, b"old"))
    with pytest.raises(TryAgain):
        STORE.put(access, "members.csv", tmp_path / "none")
    assert Path(where).read_bytes() == b"old"
    assert os.listdir(root / "shop") == ["members.csv"]
