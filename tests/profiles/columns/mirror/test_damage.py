"""Files that are damaged, lost or those of another database are noticed and do no harm."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from profiles.columns import gather
from profiles.columns.mirror import location, upkeep
from profiles.columns.mirror.arrays import DamagedFile, read, verify, write
from profiles.columns.population import Population
from profiles.columns.rows import Rows
from profiles.models import Metric, Mirror
from segmenter.accounts.models import Account
from tests.profiles.columns.mirror.comparing import expect_the_same, mirror_of
from tests.profiles.columns.mirror.shop import NOON, Shop

pytestmark = pytest.mark.django_db


def test_files_are_named_by_their_content(tmp_path: Path) -> None:
    arrays = {"a": np.arange(5), "b": np.zeros(0)}
    name = write(tmp_path, arrays)
    assert write(tmp_path, arrays) == name
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert read(tmp_path, name)["a"].to_pylist() == [0, 1, 2, 3, 4]
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(DamagedFile):
        verify(tmp_path, name)


def test_a_file_that_is_damaged_or_lost_is_noticed_and_made_anew(
    shop: Account, folder: Path
) -> None:
    life = Shop(shop, 3)
    life.people(8)
    life.events(20)
    harms: list[Callable[[Path], object]] = [
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x01\x02"),
        lambda path: path.unlink(),
    ]
    for harm in harms:
        mirror_of(shop)
        gather.forget()
        location._verified.clear()
        victim = max(
            location.folder_of(location.database(), shop.pk).iterdir(),
            key=lambda path: path.stat().st_size,
        )
        harm(victim)
        assert gather.everyone(shop).ids.tolist()
        assert not Mirror.objects.filter(account=shop), "the row speaks of files that are no good"
        assert upkeep.maintain(shop, NOON) is not None
        expect_the_same(shop)


def test_a_lost_folder_is_another_home(shop: Account, folder: Path) -> None:
    life = Shop(shop, 4)
    life.people(5)
    mirror_of(shop)
    gather.forget()
    shutil.rmtree(folder)
    assert location.current(shop.pk) is None
    rows = Rows(shop.pk, shop.zone, None, NOON)
    assert gather.everyone(shop).ids.tolist() == rows.ids.tolist()
    assert upkeep.maintain(shop, NOON) is not None
    expect_the_same(shop)


def test_a_folder_that_goes_while_it_is_read_does_no_harm(shop: Account, folder: Path) -> None:
    life = Shop(shop, 5)
    life.people(5)
    life.events(20)
    mirror_of(shop)
    people = gather.everyone(shop)
    shutil.rmtree(folder)
    key = Metric.objects.filter(account=shop)[0].key
    rows = Population(Rows(shop.pk, shop.zone, None, NOON))
    counts = people.answer(lambda part: part.events(key).count() > 0)
    assert counts.tolist() == (rows.events(key).count() > 0).tolist()


def test_another_database_is_not_taken_for_this_one(shop: Account) -> None:
    Shop(shop, 6).people(4)
    mirror_of(shop)
    Mirror.objects.update(database="7000-1-5")
    assert location.current(shop.pk) is None
