"""What the benchmarks write down: figures beside each other, ratios, targets, the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from subprocess import Popen
from xml.etree import ElementTree

import pytest

from bench import report
from bench.chart import bars
from bench.parts import LIMIT, Figure, Target
from bench.physical import busy_cores

FACTS = report.Facts(
    1_000,
    20_000,
    3.0,
    2,
    {"segments": "2026-11-01", "rows": "2026-11-01"},
    {"segments": 0.0, "rows": 0.0},
)
FIGURES = [
    Figure("segments", "one: people", 117, "people"),
    Figure("segments", "one: count", 2.0, "ms"),
    Figure("segments", "one: count", 10.0, "ms", "DuckDB"),
    Figure("segments", "one: count", 0.5, "ms", LIMIT),
    Figure("segments", "worst", 2.0, "ms"),
    Figure("rows", "stored", 50.0, "rows/s"),
    Figure("rows", "stored", 100.0, "rows/s", LIMIT),
]
TARGETS = {("segments", "worst"): Target(most=1.0), ("rows", "stored"): Target(least=40)}


def test_a_ratio_says_how_many_times_better() -> None:
    _, one, _, rows_ = report.rows(FIGURES)
    assert one.ratio("DuckDB") == 5.0
    assert one.ratio(LIMIT) == 0.25
    assert rows_.ratio(LIMIT) == 0.5


def test_the_table_says_which_targets_are_met() -> None:
    lines = report.table(FIGURES, TARGETS).splitlines()
    assert "DuckDB 10 (x5)" in lines[1]
    assert lines[2].endswith("at most 1: NOT MET")
    assert lines[3].endswith("at least 40: met")


def test_the_page_holds_the_figures_of_each_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"Words.\n{report.BEGIN}\nof before\n{report.END}\nMore.\n")
    (tmp_path / "images").mkdir()
    for name, path in {"RESULTS": "results", "PAGE": page.name, "IMAGES": "images"}.items():
        monkeypatch.setattr(report, name, tmp_path / path)
    report.write(FACTS, FIGURES, TARGETS)
    larger = replace(FACTS, profiles=2_000, busy={"segments": 1.0})
    twice = [replace(figure, value=figure.value * 2) for figure in FIGURES]
    report.write(larger, twice, TARGETS)
    text = page.read_text()
    assert text.startswith("Words.\n")
    assert text.endswith("More.\n")
    assert "of before" not in text
    assert "| one | 117 | 2 | 10 (5) | 0.50 (0.25) |" in text
    assert "| worst | 2 ms | at most 1 | no |" in text
    assert "| of 2 times the people, 1 the events |" in text
    assert "| one: count | 2 ms | 4 ms | 2 times |" in text
    assert text.count("The machine was busy") == 1
    assert (tmp_path / "images" / "performance-2000.svg").exists()
    report.write_page()
    assert page.read_text() == text
    later = replace(FACTS, taken={"rows": "2026-11-03"}, busy={"rows": 0.0})
    report.write(later, [Figure("rows", "stored", 60.0, "rows/s")], {})
    assert "Measured between 2026-11-01 and 2026-11-03 on 2 cores." in page.read_text()
    assert "| one | 117 | 2 | 10 (5) | 0.50 (0.25) |" in page.read_text()
    assert "| stored | 60 rows/s |" in page.read_text()


def test_a_machine_that_works_is_busy() -> None:
    assert busy_cores(0.1) >= 0
    with Popen(["sh", "-c", "while :; do :; done"]) as other:
        try:
            assert busy_cores(1.0) > 0.2
        finally:
            other.kill()


def test_a_chart_has_a_bar_for_each_value() -> None:
    svg = ElementTree.fromstring(bars("A & B", ["x", "y"], {"one": [0.5, 20], "two": [3, 4000]}))
    rects = svg.findall("{http://www.w3.org/2000/svg}rect")
    assert len(rects) == 1 + 2 + 4
    assert svg.findtext("{http://www.w3.org/2000/svg}title") == "A & B"
