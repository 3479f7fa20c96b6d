"""`manage.py evaluate_predictions`: one JSON object, or a sentence and an exit code."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from segmenter.embedded.folder import PROJECT
from tests.predictions import cdnow

ORDERS = "who,when,paid\n" + "".join(
    f"c{customer:03},2025-{1 + (customer * 7 + k * 5) % 12:02}-{1 + customer % 28:02}T10:00:00Z,"
    f"{10 + (customer * 13 + k) % 40}.50\n"
    for customer in range(120)
    for k in range(customer % 4 + 1)
)
COLUMNS = ("--customer", "who", "--time", "when", "--value", "paid")
SPAN = ("--cutoff", "2025-09-30", "--days", "90")
KEYS = {
    *("parameters", "log_likelihood", "fit", "customers", "predicted_orders", "actual_orders"),
    *("predicted_revenue", "actual_revenue", "orders_mae", "orders_rmse", "orders_r"),
    *("revenue_mae", "revenue_spearman", "top_decile_share", "churn_90"),
    *("next_order_date_mae_days", "seconds_fit", "seconds_predict"),
}


def evaluate(path: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("evaluate_predictions", str(path), *options, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, where no database is to be found."""
    return subprocess.run(
        [sys.executable, PROJECT / "manage.py", "evaluate_predictions", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "SEGMENTER_DATA": "/nowhere", "SEGMENTER_SECRET_KEY": "x" * 50},
    )


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    return path


def test_it_prints_one_object_and_needs_no_database(orders: Path) -> None:
    done = manage(str(orders), *COLUMNS, *SPAN)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.keys() >= KEYS
    assert result["parameters"].keys() == {"r", "alpha", "a", "b", "p", "q", "v"}
    assert result["churn_90"].keys() == {"brier", "brier_base", "auc", "calibration_error"}
    assert result["fit"]["orders"]["status"] in {"maximum_likelihood", "penalised"}
    assert "challenger" not in result


def test_a_file_without_a_header_separated_by_spaces() -> None:
    result = evaluate(
        cdnow.folder() / "CDNOW_sample.txt",
        *("--no-header", "--columns", "master,customer,date,count,amount"),
        *("--time-format", "%Y%m%d", "--customer", "customer", "--time", "date"),
        *("--value", "amount", "--cutoff", "1997-09-30", "--days", "273"),
    )
    assert (result["customers"], result["actual_orders"]) == (2_349, 1_882)
    assert result["parameters"]["alpha"] == pytest.approx(43.38, abs=0.1)
    assert result["predicted_orders"] == pytest.approx(1_576, abs=2)


def test_a_packed_file_with_another_delimiter(orders: Path, tmp_path: Path) -> None:
    archive = tmp_path / "orders.csv.gz"
    archive.write_bytes(gzip.compress(ORDERS.replace(",", ";").encode("utf-16")))
    one, other = evaluate(orders, *COLUMNS, *SPAN), evaluate(archive, *COLUMNS, *SPAN)
    for result in (one, other):
        del result["seconds_fit"], result["seconds_predict"]
    assert one == other


def test_the_challenger_is_told_beside(orders: Path) -> None:
    result = evaluate(orders, *COLUMNS, *SPAN, "--challenger")
    assert result["challenger"]["actual_orders"] == result["actual_orders"]
    assert result["challenger"]["churn_90"].keys() == result["churn_90"].keys()


def test_fewer_days_than_churn_is_told_for(orders: Path) -> None:
    result = evaluate(orders, *COLUMNS, "--cutoff", "2025-09-30", "--days", "30")
    assert result["churn_90"] is None
    assert result["orders_mae"] > 0


@pytest.mark.parametrize("cutoff", ["2024-01-01", "2025-01-02"])
def test_too_little_before_the_cutoff_is_a_status(orders: Path, cutoff: str) -> None:
    result = evaluate(orders, *COLUMNS, "--cutoff", cutoff, "--days", "90", "--challenger")
    assert result["fit"]["orders"]["status"] == "historic_only"
    assert result["fit"]["orders"]["reason"] in {"no_customers", "too_few_repeat_customers"}
    assert result["predicted_orders"] is None
    assert result["predicted_revenue"] is None
    assert result["orders_mae"] is None


def test_rows_that_say_no_order_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS + ",2025-01-01,5\nc1,yesterday,5\nc2,2025-01-01,\nc3,2025-01-01,much\n")
    errors = io.StringIO()
    call_command(
        "evaluate_predictions", str(path), *COLUMNS, *SPAN, stdout=io.StringIO(), stderr=errors
    )
    assert "4 of" in errors.getvalue()
    assert "names no customer" in errors.getvalue()


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", COLUMNS, "empty"),
        ("who,when,paid\n", COLUMNS, "no orders"),
        ("who,when,paid\na,never,1\n", COLUMNS, "not a time"),
        (ORDERS, ("--customer", "x", *COLUMNS[2:]), "no column 'x'"),
        ("\0\1\2" * 100, COLUMNS, "not a text file"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, content: str, options: tuple[str, ...], words: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(content)
    with pytest.raises(CommandError, match=words) as raised:
        call_command("evaluate_predictions", str(path), *options, *SPAN)
    assert raised.value.returncode == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--days", "0"),
        ("--days", "many"),
        ("--cutoff", "30/9/1997"),
        ("--time-zone", "Mars"),
        ("--time-format", "%H"),
        ("--columns", "a,b"),
        ("--delimiter", "too long"),
    ],
)
def test_wrong_usage(orders: Path, wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=wrong[0]):
        call_command("evaluate_predictions", str(orders), *COLUMNS, *SPAN, *wrong)


def test_exit_codes_and_no_traceback(tmp_path: Path) -> None:
    nowhere = manage(str(tmp_path / "none.csv"), *COLUMNS, *SPAN)
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert "no such file" in nowhere.stderr
    usage = manage(str(tmp_path / "none.csv"), *COLUMNS, "--days", "0", "--cutoff", "2025-01-01")
    assert (usage.returncode, usage.stdout) == (2, "")
    assert "Traceback" not in nowhere.stderr + usage.stderr
