"""The CDNOW log, as it ships inside the lifetimes package (which is not imported for it)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from predictions.numerics.estimators.mbg import History
from predictions.numerics.summary import Log

WEEK = 7.0


def day(text: str) -> int:
    """The number of a day."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


CUTOFF = day("1997-09-30")
HOLDOUT_DAYS = 273


def folder() -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets"


@lru_cache
def published_history() -> History:
    """The published summary of 2,357 customers, in weeks."""
    table = pd.read_csv(folder() / "cdnow_customers_summary.csv")
    return History(*(table[name].to_numpy(np.float64) for name in ("frequency", "recency", "T")))


@lru_cache
def published_spend() -> tuple[np.ndarray, np.ndarray]:
    """n and m of the published spend model: repeat customers, and their repeat orders alone."""
    table = pd.read_csv(folder() / "cdnow_customers_summary_with_transactions.csv")
    repeat = table[table.x > 0]
    return repeat.x.to_numpy(np.float64), repeat.zbar.to_numpy(np.float64)


@lru_cache
def sample_log(*, worth: bool = True) -> Log:
    """All orders of the sample; without `worth` each has the value 1, as the papers count them."""
    names = ["master", "customer", "date", "count", "value"]
    table = pd.read_csv(folder() / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    when = pd.to_datetime(table["date"].astype(str), format="%Y%m%d").to_numpy()
    value = table["value"].to_numpy(np.float64)
    return Log(
        table["customer"].to_numpy(np.int64),
        when.astype("M8[us]").astype(np.int64),
        value if worth else np.ones(len(value)),
    )
