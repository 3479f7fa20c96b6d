"""Measures the models of predictions: published figures, hidden weeks, speed and memory.

Run it by `make bench-predictions`, or `.venv/bin/python -m bench.predictions`. It needs no
database. Other order logs are scored too where SEGMENTER_LOGS names their folder.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from predictions.numerics.backtest import fit
from predictions.numerics.estimators import likelihood, penalised
from predictions.numerics.estimators.grouping import group_amounts, group_histories
from predictions.numerics.estimators.ladder import fit_orders, fit_spend
from predictions.numerics.estimators.mbg import History
from predictions.numerics.expectations import look_ahead
from predictions.numerics.summary import MICROS_A_DAY, Log, settle, summarise

PROJECT = Path(__file__).resolve().parent.parent
LOGS = Path(os.environ.get("SEGMENTER_LOGS", PROJECT.parent / "shared" / "data"))
SIZES = (100_000, 1_000_000)
DAYS = 730
PUBLISHED = {
    "BG/NBD (the package's)": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "MBG/NBD": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "Gamma-Gamma": {"p": 6.25, "q": 3.74, "v": 15.44},
}
SHOWN = (
    *("customers", "predicted_orders", "actual_orders", "orders_bias", "orders_mae"),
    *("orders_mae_naive", "orders_rmse", "orders_r", "predicted_revenue", "actual_revenue"),
    *("revenue_mae", "revenue_spearman", "top_decile_share", "churn_90"),
    *("next_order_date_mae_days", "next_order_date_coverage", "seconds_fit", "seconds_predict"),
)


def main() -> None:
    """Print everything, or be the process that measures one size."""
    parser = argparse.ArgumentParser(prog="python -m bench.predictions", description=__doc__)
    parser.add_argument("--size", type=int, help="measure the speed with so many customers only")
    parser.add_argument("--no-package", action="store_true", help="leave lifetimes alone out")
    args = parser.parse_args()
    if args.size:
        measure_speed(args.size, beside_package=not args.no_package)
        return
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"Something else runs on this machine (load {load:.1f}): expect worse figures.")
    show_reference()
    with tempfile.TemporaryDirectory(prefix="segmenter-bench-") as folder:
        for title, arguments in holdouts(Path(folder)):
            show_holdout(title, arguments)
    for size in SIZES:
        # Each in a process of its own: memory is reported as the peak of a process.
        options = ["--no-package"] if args.no_package else []
        subprocess.run(
            [sys.executable, "-m", "bench.predictions", "--size", str(size), *options], check=True
        )


def show_reference() -> None:
    """Fit the published customers (in weeks), and print the parameters beside the published."""
    from lifetimes import BetaGeoFitter  # noqa: PLC0415 - costs seconds

    print("\nCDNOW sample, 2,357 customers, parameters in weeks")
    table = pd.read_csv(datasets() / "cdnow_customers_summary.csv")
    history = History(*(table[name].to_numpy(np.float64) for name in ("frequency", "recency", "T")))
    spend = pd.read_csv(datasets() / "cdnow_customers_summary_with_transactions.csv")
    spend = spend[spend.x > 0]
    n, m = spend.x.to_numpy(np.float64), spend.zbar.to_numpy(np.float64)
    groups, amounts = group_histories(history.x, history.tx, history.T), group_amounts(n, m)
    parameters: dict[str, Any] = {
        "BG/NBD (the package's)": BetaGeoFitter().fit(history.x, history.tx, history.T).params_,
        "MBG/NBD": vars(fit_orders(history).model),
        "Gamma-Gamma": vars(fit_spend(n, m).model),
    }
    ours = {
        "MBG/NBD": vars(penalised.fit_orders(groups, prior=False).model),
        "Gamma-Gamma": vars(penalised.fit_spend(amounts, prior=False).model),
    }
    for model, published in PUBLISHED.items():
        for name, value in published.items():
            own = f"  our own fit {ours[model][name]:.4f}" if model in ours else ""
            print(f"  {model:<24}{name:<6} {parameters[model][name]:>9.4f}  published {value}{own}")


def holdouts(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield what to score: a title, and the arguments of the command."""
    cdnow = ["--cutoff", "1997-09-30", "--days", "273", "--time-format", "%Y%m%d"]
    names = ["--customer", "customer", "--time", "date", "--value", "amount", "--no-header"]
    sample = [str(datasets() / "CDNOW_sample.txt"), *cdnow, *names]
    columns = "master,customer,date,count,amount"
    yield "CDNOW sample, 39 weeks hidden", [*sample, "--columns", columns]
    if (master := LOGS / "CDNOW_master.txt").exists():
        columns = "customer,date,count,amount"
        yield "CDNOW master, 39 weeks hidden", [str(master), *cdnow, *names, "--columns", columns]
    common = ["--customer", "customer", "--time", "time", "--value", "value", "--days", "90"]
    if (retail := LOGS / "online_retail.csv.gz").exists():
        path = folder / "retail.csv"
        write_orders(path, retail_lines(retail))
        yield "UCI online retail, 90 days hidden", [str(path), *common, "--cutoff", "2011-09-09"]
    if (journey := LOGS / "completejourney" / "transactions_sample.csv.gz").exists():
        path = folder / "journey.csv"
        write_orders(path, journey_lines(journey))
        yield "Complete Journey, 90 days hidden", [str(path), *common, "--cutoff", "2017-09-30"]


Line = tuple[str, str, str, float]


def retail_lines(path: Path) -> Iterator[Line]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["CustomerID"]:
                value = float(row["Quantity"]) * float(row["UnitPrice"])
                yield row["InvoiceNo"], row["CustomerID"], row["InvoiceDate"], value


def journey_lines(path: Path) -> Iterator[Line]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            when = row["transaction_timestamp"]
            yield row["basket_id"], row["household_id"], when, float(row["sales_value"])


def write_orders(path: Path, lines: Iterator[Line]) -> None:
    """Add an order's lines up, and write the orders."""
    whose: dict[str, tuple[str, str]] = {}
    worth: dict[str, float] = defaultdict(float)
    for order, customer, when, value in lines:
        whose.setdefault(order, (customer, when))
        worth[order] += value
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("customer", "time", "value"))
        writer.writerows((*whose[order], round(value, 2)) for order, value in worth.items())


def show_holdout(title: str, arguments: list[str]) -> None:
    """Run the command that anyone can run, and print its figures beside the challenger's."""
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate_predictions", *arguments, "--challenger"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    result = json.loads(done.stdout)
    rival = result["challenger"] or {}
    print(f"\n{title} (fit: {result['fit']['orders']['steps'][-1]}; beside it the challenger)")
    for name in SHOWN:
        value, other = result[name], rival.get(name)
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, number in parts:
            beside = other.get(part) if isinstance(other, dict) else other
            print(f"  {name + ' ' + part:<30}{_figure(number):>14}{_figure(beside):>14}")


def measure_speed(size: int, *, beside_package: bool) -> None:
    """Print seconds and memory of one size, our way and by the package alone."""
    print(f"\n{size:,} customers", flush=True)
    likelihood.load()
    log = draw_log(size)
    clock = Clock()
    summary = summarise(settle(log, Log.empty(), ZoneInfo("UTC"), until=2**62), DAYS)
    clock.tell(f"summary of {len(log):,} orders")
    before = _memory()
    orders, spend = fit(summary)
    whole = clock.tell(f"fit ({orders.groups:,} and {spend.groups:,} groups)")
    assert orders.model is not None
    outlook = look_ahead(summary, orders.model, spend.model)
    whole += clock.tell("predict")
    print(f"  {'fit and predict':<46}{whole:>8.2f} s")
    print(f"  {'most memory (of it before the fit)':<46}{_memory():>8,.0f} MB ({before:,.0f})")
    ending = f"{orders.ending.rung}, {spend.ending.rung}"
    print(f"  {ending}: {orders.model}, {outlook.orders.sum():,.0f} orders", flush=True)
    if beside_package:
        from lifetimes import GammaGammaFitter, ModifiedBetaGeoFitter  # noqa: PLC0415

        history, m = summary.history, summary.spend_per_order_day
        clock = Clock()
        fitter = ModifiedBetaGeoFitter().fit(history.x, history.tx, history.T)
        clock.tell("lifetimes alone: fit orders")
        GammaGammaFitter().fit(summary.order_days, m)
        clock.tell("lifetimes alone: fit spend")
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(
            365, history.x, history.tx, history.T
        )
        clock.tell("lifetimes alone: predict orders")
        worst = np.abs(outlook.order_days - expected) / np.maximum(expected, 1e-9)
        print(f"  {fitter.params_.round(4).to_dict()}, most memory {_memory():,.0f} MB")
        print(f"  expected orders differ by {np.median(worst):.1e} in the median", flush=True)


def draw_log(customers: int) -> Log:
    """Draw two years of a shop from the models, always the same."""
    draw = np.random.default_rng(7)
    rate, leaves = draw.gamma(0.7, 1 / 60, customers), draw.beta(0.8, 2.5, customers)
    level = draw.gamma(4, 1 / 60, customers)
    who, when = np.arange(customers), draw.uniform(0, DAYS * 0.9, customers)
    customer, time_of, value = [], [], []
    while len(who):
        customer.append(who)
        time_of.append(np.floor(when * MICROS_A_DAY).astype(np.int64))
        value.append(np.round(draw.gamma(6, 1 / level[who]) + 0.01, 2))
        when = when + draw.exponential(1 / rate[who])
        stay = (draw.random(len(who)) >= leaves[who]) & (when < DAYS)
        who, when = who[stay], when[stay]
    return Log(np.concatenate(customer), np.concatenate(time_of), np.concatenate(value))


class Clock:
    """Tells how long each thing took."""

    def __init__(self) -> None:
        self._at = time.perf_counter()

    def tell(self, what: str) -> float:
        seconds = time.perf_counter() - self._at
        print(f"  {what:<46}{seconds:>8.2f} s", flush=True)
        self._at = time.perf_counter()
        return seconds


def datasets() -> Path:
    """The logs that ship with lifetimes."""
    spec = find_spec("lifetimes")
    if spec is None or spec.origin is None:
        sys.exit("lifetimes is not installed.")
    return Path(spec.origin).parent / "datasets"


def _memory() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _figure(value: Any) -> str:
    return "" if value is None else f"{value:,.4f}" if abs(value) < 1_000 else f"{value:,.1f}"


if __name__ == "__main__":
    main()
