"""Polars: a frame in memory for each metric in the order of time, texts as categories."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "2")  # read when it is imported

import polars as pl

from bench.large_shop import catalogue
from bench.large_shop.draw import DAY
from bench.peers.queries import EARTH_RADIUS_KM, Bounds
from bench.store import Store
from bench.ten_segments import COPENHAGEN, EMAIL_PATTERN, STOCKHOLM

_WHO = pl.col("profile_id")
_PEOPLE = ("id", "email", "email_status", "country", "favourite_colour", "latitude", "longitude")
_EVENTS = ("profile_id", "time", "value", "item", "category", "price", "seconds", "campaign")


class Polars:
    """The shop in frames, read from the Parquet files each time."""

    name = "Polars"

    def __init__(self, store: Store, bounds: Bounds) -> None:
        self.bounds = bounds
        self.version = pl.__version__
        events = pl.scan_parquet(store.parquet / "events-*.parquet")
        micros = pl.col("time").dt.epoch("us")
        texts = pl.col("item", "category", "campaign").cast(pl.Categorical)
        self.events = {
            metric: events.filter(pl.col("metric").cast(pl.String) == metric)
            .select(_EVENTS)
            .with_columns(micros, texts)
            .sort("time")
            .collect()
            for metric in catalogue.METRICS
        }
        states = pl.col("email_status", "country", "favourite_colour").cast(pl.Categorical)
        self.people = pl.read_parquet(store.parquet / "people.parquet", columns=list(_PEOPLE))
        self.people = self.people.with_columns(pl.col("id").cast(pl.Int32), states)
        self.suppressed = self._ids(store, "suppressions", pl.lit(True))
        self.newsletter = self._ids(store, "list_members", pl.col("list") == 0)
        self.vip = self._ids(store, "list_members", pl.col("list") == 1)
        self._counters: dict[str, Callable[[], pl.LazyFrame]] = {
            "one condition": lambda: self._who("Placed Order", 180),
            "text of an event": self._linen,
            "numbers of an event": self._long_looks,
            "sum and zero times": self._spent_and_silent,
            "distinct items": self._distinct,
            "ratio": self._ratio,
            "funnel of three steps": self._funnel,
            "distance and consent": lambda: self._filtered(
                _near(STOCKHOLM, 100) & self._can_receive()
            ),
            "regular expression and lists": lambda: (
                self._filtered(pl.col("email").str.contains(EMAIL_PATTERN))
                .join(self.newsletter, on="profile_id", how="semi")
                .join(self.vip, on="profile_id", how="anti")
            ),
            "twelve conditions, nested": self._twelve,
        }

    def count(self, name: str) -> int:
        """Count a segment by its name."""
        return int(self._counters[name]().select(pl.len()).collect().item())

    def close(self) -> None:
        self.events.clear()

    @staticmethod
    def _ids(store: Store, name: str, where: pl.Expr) -> pl.LazyFrame:
        rows = pl.scan_parquet(store.parquet / f"{name}.parquet").filter(where)
        return rows.select(_WHO.cast(pl.Int32)).collect().lazy()

    def _did(self, metric: str, days: int | None) -> pl.LazyFrame:
        since = 0 if days is None else self.bounds.since(days)
        return self.events[metric].lazy().filter(pl.col("time").is_between(since, self.bounds.now))

    def _who(self, metric: str, days: int | None, least: int = 1) -> pl.LazyFrame:
        rows = self._did(metric, days)
        if least == 1:
            return rows.select("profile_id").unique()
        return rows.group_by("profile_id").len().filter(pl.col("len") >= least).select("profile_id")

    def _with_total(self, days: int | None, least: float) -> pl.LazyFrame:
        sums = self._did("Placed Order", days).group_by("profile_id").agg(pl.col("value").sum())
        return sums.filter(pl.col("value").round(4) >= least).select("profile_id")

    def _linen(self) -> pl.LazyFrame:
        linen = [item for item in catalogue.ITEMS if "linen" in item]
        rows = self._did("Viewed Product", 365).filter(pl.col("item").is_in(linen))
        return rows.group_by("profile_id").len().filter(pl.col("len") >= 2)

    def _long_looks(self) -> pl.LazyFrame:
        is_long = (pl.col("price") > 80) & (pl.col("seconds") >= 60)
        rows = self._did("Viewed Product", None).filter(is_long)
        return rows.group_by("profile_id").len().filter(pl.col("len") >= 3)

    def _spent_and_silent(self) -> pl.LazyFrame:
        return self._with_total(365, 300).join(
            self._who("Opened Email", 90), on="profile_id", how="anti"
        )

    def _distinct(self) -> pl.LazyFrame:
        nordic = self._filtered(pl.col("country").is_in(["Sweden", "Norway"]))
        rows = self._did("Viewed Product", 730).join(nordic, on="profile_id", how="semi")
        pairs = rows.select("profile_id", "item").unique()
        return pairs.group_by("profile_id").len().filter(pl.col("len") >= 20)

    def _ratio(self) -> pl.LazyFrame:
        received, opens = (
            self._did(metric, 180).select("profile_id", "campaign").unique()
            for metric in ("Received Email", "Opened Email")
        )
        both = opens.with_columns(pl.lit(1).alias("opened"))
        pairs = received.join(both, on=["profile_id", "campaign"], how="left")
        sums = pairs.group_by("profile_id").agg(pl.col("opened").sum(), pl.len())
        return sums.filter(pl.col("opened") * 2 >= pl.col("len"))

    def _funnel(self) -> pl.LazyFrame:
        steps: dict[str, Any] = {"by": "profile_id", "on": "time", "allow_exact_matches": False}
        steps["check_sortedness"] = False  # they are, and the check cannot look into groups
        viewed = self._did("Viewed Product", 365).filter(pl.col("category") == "Outerwear")
        viewed = viewed.select("profile_id", "time", pl.col("time").alias("viewed"))
        carts = self._did("Added to Cart", 365).select("profile_id", "time")
        carts = carts.join_asof(viewed, **steps).drop_nulls("viewed")
        ordered = self._did("Placed Order", 365).select("profile_id", "time")
        chained = ordered.join_asof(carts.sort("time"), **steps)
        within = pl.col("time") < pl.col("viewed") + DAY
        return chained.filter(within).select("profile_id").unique()

    def _abandoned(self) -> pl.LazyFrame:
        checkouts = self._did("Started Checkout", None).select("profile_id", "time")
        checkouts = checkouts.filter(pl.col("time") <= self.bounds.now - 3 * DAY)
        ordered = self._did("Placed Order", None)
        ordered = ordered.select("profile_id", "time", pl.col("time").alias("ordered"))
        following = checkouts.join_asof(
            ordered,
            by="profile_id",
            on="time",
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        late = pl.col("ordered").is_null() | (pl.col("ordered") >= pl.col("time") + 3 * DAY)
        return following.filter(late).select("profile_id").unique()

    def _twelve(self) -> pl.LazyFrame:
        sets = {
            "ordered": self._who("Placed Order", 365),
            "spent": self._with_total(None, 500),
            "opened": self._who("Opened Email", 90, 3),
            "clicked": self._who("Clicked Email", 90),
            "received": self._who("Received Email", 365),
            "viewed": self._who("Viewed Product", 60, 5),
            "began": self._who("Started Checkout", 365),
            "abandoned": self._abandoned(),
        }
        people = self.people.lazy()
        for name, matches in sets.items():
            marked = matches.with_columns(pl.lit(True).alias(name))
            people = people.join(marked, left_on="id", right_on="profile_id", how="left")
        people = people.with_columns(pl.col(*sets).fill_null(False))
        is_ = pl.col
        colour = pl.col("favourite_colour").is_in(["Red", "Blue"]).fill_null(False)
        country = (pl.col("country") == "Sweden").fill_null(False)
        near = _near(COPENHAGEN, 300).fill_null(False)
        return people.filter(
            (is_("ordered") | is_("spent"))
            & (
                ((is_("opened") | is_("clicked")) & is_("received"))
                | (is_("viewed") & (near | colour))
            )
            & (self._can_receive() | country | ~(is_("began") & is_("abandoned")))
        )

    def _filtered(self, where: pl.Expr) -> pl.LazyFrame:
        return self.people.lazy().filter(where).rename({"id": "profile_id"})

    def _can_receive(self) -> pl.Expr:
        refused = (pl.col("email_status") == "unsubscribed").fill_null(False)
        suppressed = self.suppressed.collect().to_series()
        return pl.col("email").is_not_null() & ~refused & ~pl.first().is_in(suppressed.implode())


def _near(place: tuple[float, float], kilometers: float) -> pl.Expr:
    """The haversine formula."""
    latitude, longitude = (pl.lit(degrees).radians() for degrees in place)
    there, far = pl.col("latitude").radians(), pl.col("longitude").radians()
    half = ((there - latitude) / 2).sin() ** 2
    half += there.cos() * latitude.cos() * ((far - longitude) / 2).sin() ** 2
    return 2 * EARTH_RADIUS_KM * half.sqrt().arcsin() < kilometers
