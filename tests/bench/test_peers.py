"""The peers' queries mean what the segments mean: the same counts on a small shop."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.against_peers import own_count, trees
from bench.large_shop.draw import Shop
from bench.large_shop.load import load
from bench.peers.clickhouse import ClickHouse
from bench.peers.duck import DuckDB
from bench.peers.polars_frames import Polars
from bench.peers.queries import Bounds
from bench.store import Store

pytestmark = pytest.mark.django_db


def test_everyone_counts_the_same(tmp_path: Path) -> None:
    shop = Shop(3_000, 60_000, datetime(2026, 10, 1, tzinfo=UTC))
    store = Store(tmp_path, shop, 0.0)
    account = load(shop, store.parquet, lambda text: None)
    own = {name: own_count(account, tree, store) for name, tree in trees(account).items()}
    assert all(0 < count < 3_000 for count in own.values())
    bounds = Bounds(store.at, account.zone)
    for kind in (DuckDB, Polars, ClickHouse):
        with closing(kind(store, bounds)) as peer:
            assert {name: peer.count(name) for name in own} == own, peer.name
