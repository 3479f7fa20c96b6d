"""The file of rejected rows, corrected and imported again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from profiles.models import Event
from tests.profiles.imports.command_runs import Runs, folder, people, run

__all__ = ["folder", "run"]

pytestmark = pytest.mark.django_db


ORDERS = (
    "Email,Order date,Total,Note\n"
    "a@x.se,2026-11-01,10,first\n"
    "b@x.se,yesterday,20,=1+1\n"
    'c@x.se,today,30,"+46 (8), two\nlines"\n'
    "d@x.se,2026-13-01,40,'quoted'\n"
)
DAYS = {"yesterday": "2026-11-02", "today": "2026-11-03", "2026-13-01": "2026-11-04"}


def corrected(text: str) -> str:
    """Every date that is none set right, among the cells alone (reasons quote it)."""
    for wrong, right in DAYS.items():
        text = text.replace(f",{wrong},", f",{right},").replace(f";{wrong};", f";{right};")
    return text


@pytest.mark.parametrize("delimiter", [",", ";"], ids=["comma", "semicolon"])
@pytest.mark.parametrize("mark", ["\ufeff", ""], ids=["mark", "no mark"])
def test_corrected_rejects_are_the_rows_of_the_corrected_file(
    run: Runs, folder: Path, delimiter: str, mark: str
) -> None:
    options = ("--account", "shop", "--metric", "Placed Order")
    assert run("import_events", ORDERS, *options, name="orders.csv").counts == (4, 1, 0, 3)
    rejects = (folder / "orders.csv.rejected.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(rejects)))
    page = io.StringIO()
    csv.writer(page, delimiter=delimiter).writerows(rows)
    text = mark + corrected(page.getvalue())
    ran = run("import_events", text, *options, name="mended.csv")
    assert ran.counts == (3, 3, 0, 0)
    assert set(Event.objects.values_list("properties__Note", flat=True)) == {
        *("first", "=1+1", "+46 (8), two\nlines", "'quoted'")
    }
    names = {name for each in Event.objects.values_list("properties", flat=True) for name in each}
    assert names == {"Note"}
    assert run("import_events", corrected(ORDERS), *options, name="orders.csv").counts == (
        *(4, 0, 4, 0),
    )
    assert Event.objects.count() == 4


@pytest.mark.parametrize(
    "encoding_of_file", ["cp1250", "cp1252", "iso8859-2", "utf-16", "utf-8-sig"]
)
@pytest.mark.parametrize("encoding_of_rejects", ["utf-8-sig", "utf-8", "cp1250"])
@pytest.mark.parametrize("is_stated", [False, True])
def test_corrected_rejects_are_of_their_file_whatever_the_encodings(
    run: Runs, folder: Path, encoding_of_file: str, encoding_of_rejects: str, is_stated: bool
) -> None:
    options = ("--account", "shop", "--metric", "Placed Order")
    text = (
        "Email,Date,City\na@x.se,2026-11-01,Köln\nb@x.se,yesterday,Zürich\n"
        "c@x.se,2026-11-03,München\nd@x.se,today,Tübingen\n"
    )
    if encoding_of_file != "cp1252":
        text = text.replace("Zürich", "Łódź").replace("Tübingen", "Częstochowa")
    option = ("--encoding", encoding_of_file) if is_stated else ()
    ran = run("import_events", text.encode(encoding_of_file), *options, *option, name="orders.csv")
    assert ran.counts == (4, 2, 0, 2)
    rejects = (folder / "orders.csv.rejected.csv").read_bytes().decode("utf-8-sig")
    ran = run(
        "import_events", corrected(rejects).encode(encoding_of_rejects), *options, name="mended.csv"
    )
    assert ran.counts == (2, 2, 0, 0)
    names = {name for each in Event.objects.values_list("properties", flat=True) for name in each}
    assert names == {"City"}
    ran = run(
        "import_events", corrected(text).encode(encoding_of_file), *options, name="orders.csv"
    )
    assert ran.counts == (4, 0, 4, 0)


def test_corrected_rejects_of_people_leave_our_columns_aside(run: Runs, folder: Path) -> None:
    text = "Email,-Points\n,5\nb@x.se,7\n"
    assert run("import_profiles", text, "--account", "shop").counts == (2, 1, 0, 1)
    rejects = (folder / "file.csv.rejected.csv").read_bytes().decode("utf-8-sig")
    ran = run("import_profiles", rejects.replace(",,5", ",a@x.se,5"), "--account", "shop")
    assert ran.counts == (1, 1, 0, 0)
    assert people("email", "properties") == [
        ("b@x.se", {"-Points": 7}),
        ("a@x.se", {"-Points": 5}),
    ]


def test_columns_of_a_shop_that_are_called_as_ours_are_its_own(run: Runs) -> None:
    text = "line,reason,Email\n1,Too small,a@x.se\n2,Too large.,b@x.se\n"
    run("import_profiles", text, "--account", "shop")
    assert people("properties__reason") == [("Too small",), ("Too large.",)]
