"""A data folder with the large shop in it, kept between runs so that it is loaded once.

DIR is a data folder like that of `make demo`: PostgreSQL's cluster, logs, locks. `DIR/parquet`
holds the same shop for the peers, `DIR/peers` what they made of it, `DIR/shop.json` what was drawn.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connections

from bench.large_shop.draw import Shop
from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import Lease

if TYPE_CHECKING:
    from segmenter.accounts.models import Account

SEED = 1
EVENTS_EACH = 20
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Store:
    """A loaded shop whose database this process may use through Django."""

    folder: Path
    shop: Shop
    load_seconds: float

    @property
    def parquet(self) -> Path:
        return self.folder / "parquet"

    @property
    def at(self) -> datetime:
        """The one moment at which all segments are evaluated: the end of the shop's events."""
        return self.shop.ends

    @property
    def account(self) -> Account:
        accounts = import_module("segmenter.accounts.models")
        load = import_module("bench.large_shop.load")
        row: Account = accounts.Account.objects.get(slug=load.SLUG)
        return row

    def peer(self, name: str) -> Path:
        """Where a peer keeps its files; made if need be."""
        path = self.folder / "peers" / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def described(folder: Path) -> tuple[Shop, float]:
    """The shop that a folder holds, and the seconds it took to load. Raises FileNotFoundError."""
    document = json.loads((folder / "shop.json").read_text())
    ends = datetime.fromisoformat(document["ends"])
    shop = Shop(document["profiles"], document["events"], ends, document["seed"])
    return shop, document["load_seconds"]


@contextmanager
def open_store(
    folder: Path, profiles: int, tell: Tell, *, events_each: int = EVENTS_EACH
) -> Iterator[Store]:
    """The shop of so many people in a folder, loaded now if the folder is new.

    Django of this process is set up for its database, once for all. Raises SystemExit where the
    folder holds another shop, or half of one.
    """
    folder = folder.expanduser().resolve()
    if not (folder / "shop.json").exists():
        if (folder / "parquet").exists():
            raise SystemExit(f"A load of {folder} was broken off. Delete it first.")
        _fill(folder, _new_shop(profiles, profiles * events_each), tell)
    shop, seconds = described(folder)
    if (shop.profiles, shop.events) != (profiles, profiles * events_each):
        raise SystemExit(f"{folder} holds {shop.profiles:,} people with {shop.events:,} events.")
    with _database(folder, durable=True, tell=tell):
        call_command("migrate", interactive=False, verbosity=0)  # it may be old
        yield Store(folder, shop, seconds)


def _new_shop(profiles: int, events: int) -> Shop:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Shop(profiles, events, today, SEED)


def _fill(folder: Path, shop: Shop, tell: Tell) -> None:
    started = perf_counter()
    with _database(folder, durable=False, tell=tell):  # a load that is broken off is thrown away
        call_command("migrate", interactive=False, verbosity=0)
        loading = import_module("bench.large_shop.load")
        loading.load(shop, folder / "parquet", tell)
        loading.settle()
    os.sync()
    seconds = perf_counter() - started
    document = {
        "profiles": shop.profiles,
        "events": shop.events,
        "ends": shop.ends.isoformat(),
        "seed": shop.seed,
        "load_seconds": round(seconds, 1),
    }
    (folder / "shop.json").write_text(json.dumps(document, indent=1) + "\n")
    tell(f"loaded in {seconds:.0f} s")


@contextmanager
def _database(folder: Path, *, durable: bool, tell: Tell) -> Iterator[None]:
    with Lease(DataFolder(folder), durable=durable, tell=tell) as lease:
        for name in ("REDIS_URL", "SEGMENTER_BROKER_URL"):
            os.environ.pop(name, None)  # no workers: they would take time from what is measured
        os.environ.update(lease.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "segmenter.settings"
        django.setup()
        # What follows a change is not measured here, and without a broker it would run inside.
        import_module("profiles.changes").profile_change.subscribers.clear()
        try:
            yield
        finally:
            connections.close_all()
