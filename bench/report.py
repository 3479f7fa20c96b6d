"""What was measured: as a table in the terminal, as JSON, and in docs/performance.md.

`python -m bench.report` writes the figures of docs/performance.md again from bench/results/*.json;
nothing there is written by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import chart
from bench.parts import LIMIT, OWN, Figure, Target

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results"
PAGE = PROJECT / "docs" / "performance.md"
IMAGES = PROJECT / "docs" / "images"
BEGIN, END = "<!-- figures: written by python -m bench.report -->", "<!-- end of figures -->"
COUNT, PEOPLE = ": count", ": people"
IDLE = 0.2
"""Cores that others may use while a machine counts as idle."""
AIMED_AT = "1,000,000 people, 20,000,000 events"
"""What the targets are for."""
SLOWER_IS_LARGER = frozenset({"ms", "s"})
_NOTHING: dict[str, Any] = {"facts": {}, "figures": [], "targets": []}
Targets = Mapping[tuple[str, str], Target]


@dataclass(frozen=True)
class Facts:
    """Of what, where and when."""

    profiles: int
    events: int
    load_seconds: float | None
    cores: int
    taken: Mapping[str, str]
    """Part to the day."""
    busy: Mapping[str, float]
    """Part to the cores that other processes used just before, where that is known."""


@dataclass(frozen=True)
class Row:
    """All figures of one name: whose it is to the value."""

    part: str
    name: str
    unit: str
    values: Mapping[str, float]

    @property
    def own(self) -> float | None:
        return self.values.get(OWN)

    def ratio(self, whose: str) -> float | None:
        """How many times better Segmenter's figure is than another one of the same name."""
        if self.own is None or not self.own or not self.values.get(whose):
            return None
        ratio = self.values[whose] / self.own
        return ratio if self.unit in SLOWER_IS_LARGER else 1 / ratio


def number(value: float) -> str:
    """Two or three digits that count, and no more."""
    if 0 < abs(value) < 0.1:
        return f"{value:.2g}"
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def rows(figures: Iterable[Figure]) -> list[Row]:
    """Figures of one name together, in the order in which they came."""
    values_by_row: dict[tuple[str, str], dict[str, float]] = {}
    units: dict[tuple[str, str], str] = {}
    for figure in figures:
        values_by_row.setdefault((figure.part, figure.name), {})[figure.whose] = figure.value
        units[figure.part, figure.name] = figure.unit
    return [Row(*key, units[key], values) for key, values in values_by_row.items()]


def table(figures: Iterable[Figure], targets: Targets) -> str:
    """Everything in plain text: Segmenter's figures, the others' with the ratio, the targets."""
    lines = []
    for row in rows(figures):
        own = row.own if row.own is not None else next(iter(row.values.values()))
        line = f"{row.part + ': ' + row.name:<72} {number(own):>9} {row.unit:<9}"
        for whose in row.values:
            ratio = row.ratio(whose)
            if whose != OWN and ratio is not None:
                line += f" {whose} {number(row.values[whose])} (x{number(ratio)})"
        if (target := targets.get((row.part, row.name))) and row.own is not None:
            line += f" {target}: {'met' if target.met(row.own) else 'NOT MET'}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def write(facts: Facts, figures: Sequence[Figure], targets: Targets) -> None:
    """Store a run as JSON and write the page again.

    Figures of other parts of an earlier run of that size stay; figures that are compared with each
    other are of one part, so of one run.
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{facts.profiles}.json"
    before = json.loads(path.read_text()) if path.exists() else _NOTHING
    parts = set(facts.taken)
    aims = [
        {"part": part, "name": name, **asdict(target)} for (part, name), target in targets.items()
    ]
    content: dict[str, Any] = {
        "facts": asdict(facts),
        "figures": [asdict(figure) for figure in figures],
        "targets": aims,
    }
    for kind in ("figures", "targets"):
        content[kind] = [*content[kind], *(f for f in before[kind] if f["part"] not in parts)]
    for kind in ("taken", "busy"):
        content["facts"][kind] = {**before["facts"].get(kind, {}), **content["facts"][kind]}
    path.write_text(json.dumps(content, indent=1) + "\n")
    write_page()


def write_page() -> None:
    """Put the figures of all stored runs between the marks of the page."""
    runs = sorted((_run(path) for path in RESULTS.glob("*.json")), key=lambda run: run[0].profiles)
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_figures(runs)}\n{END}{after}")


def _run(path: Path) -> tuple[Facts, list[Row], Targets]:
    document = json.loads(path.read_text())
    targets = {
        (target["part"], target["name"]): Target(target["most"], target["least"])
        for target in document["targets"]
    }
    facts = {field.name: document["facts"][field.name] for field in fields(Facts)}
    return Facts(**facts), rows(Figure(**figure) for figure in document["figures"]), targets


def _figures(runs: Sequence[tuple[Facts, list[Row], Targets]]) -> str:
    """The figures of all runs as Markdown, the largest shop first."""
    parts = [text for run in reversed(runs) for text in _of_one_run(*run)]
    if len(runs) > 1:
        parts += ["## Growth", _growth(runs)]
    return "\n\n".join(parts) + "\n"


def _of_one_run(facts: Facts, all_rows: list[Row], targets: Targets) -> Iterable[str]:
    yield f"## {facts.profiles:,} people, {facts.events:,} events"
    loaded = f" The shop was loaded in {facts.load_seconds:.0f} s." if facts.load_seconds else ""
    busy = (
        " The machine was busy with other things, too: the times are longer than on an idle one,"
        " and the ratios less certain."
    )
    days = sorted(set(facts.taken.values()))
    when = f"on {days[0]}" if len(days) == 1 else f"between {days[0]} and {days[-1]}"
    is_busy = max(facts.busy.values(), default=0.0) > IDLE
    yield f"Measured {when} on {facts.cores} cores.{loaded}{busy if is_busy else ''}"
    aims = [
        (row, targets[row.part, row.name]) for row in all_rows if (row.part, row.name) in targets
    ]
    if aims:
        cells = [
            [
                row.name,
                f"{number(row.own)} {row.unit}",
                str(aim),
                "yes" if aim.met(row.own) else "no",
            ]
            for row, aim in aims
            if row.own is not None
        ]
        yield _markdown(["what", "measured", f"target ({AIMED_AT})", "met"], cells)
    segments = [row for row in all_rows if row.name.endswith(COUNT) and len(row.values) > 1]
    if segments:
        people = {row.name.removesuffix(PEOPLE): row for row in all_rows if row.unit == "people"}
        yield _segments(segments, people)
        image = IMAGES / f"performance-{facts.profiles}.svg"
        image.write_text(_chart(segments, facts))
        yield f"![Milliseconds to count each of the ten segments, by database]({_address(image)})"
    rest = [
        row
        for row in all_rows
        if row not in segments and row.unit != "people" and (row.part, row.name) not in targets
    ]
    yield _markdown(
        ["everything else", "measured"], [[_row_name(row), _row_text(row)] for row in rest]
    )


def _segments(segments: Sequence[Row], people: Mapping[str, Row]) -> str:
    """One row for each segment: milliseconds, and in brackets how many times Segmenter's."""
    others = [whose for whose in segments[0].values if whose != OWN]
    cells = []
    for row in segments:
        name = row.name.removesuffix(COUNT)
        members = people[name].own if name in people else None
        line = [name, number(members) if members is not None else "", number(row.own or 0)]
        for whose in others:
            line.append(f"{number(row.values[whose])} ({number(row.ratio(whose) or 0)})")
        cells.append(line)
    return _markdown(["count of the whole segment, ms", "people", OWN, *others], cells)


def _chart(segments: Sequence[Row], facts: Facts) -> str:
    names = [whose for whose in segments[0].values if whose != LIMIT]
    return chart.bars(
        f"Milliseconds to count a segment over {facts.profiles:,} people (logarithmic)",
        [row.name.removesuffix(COUNT) for row in segments],
        {whose: [row.values[whose] for row in segments] for whose in names},
    )


def _growth(runs: Sequence[tuple[Facts, list[Row], Targets]]) -> str:
    """Segmenter's own times at each size, and how many times longer than at the size before."""
    owns = [
        {(row.part, row.name): row for row in rows_then if row.own and row.unit in SLOWER_IS_LARGER}
        for _, rows_then, _ in runs
    ]
    head = ["Segmenter's own", f"{runs[0][0].profiles:,} people"]
    for (before, _, _), (facts, _, _) in pairwise(runs):
        people, events = facts.profiles / before.profiles, facts.events / before.events
        head += [
            f"{facts.profiles:,} people",
            f"of {people:g} times the people, {events:g} the events",
        ]
    cells = []
    for key in dict.fromkeys(key for size in owns for key in size):
        if sum(key in size for size in owns) < 2:
            continue
        line = [key[1], _at(owns[0].get(key))]
        for smaller, size in pairwise(owns):
            both = smaller.get(key), size.get(key)
            line += [_at(both[1]), _times(*both)]
        cells.append(line)
    return _markdown(head, cells)


def _at(row: Row | None) -> str:
    return f"{number(row.own or 0)} {row.unit}" if row else ""


def _times(before: Row | None, row: Row | None) -> str:
    return f"{number((row.own or 0) / (before.own or 1))} times" if before and row else ""


def _row_name(row: Row) -> str:
    return row.name if row.own is not None else f"{row.name} ({next(iter(row.values))})"


def _row_text(row: Row) -> str:
    values = [f"{number(value)} {row.unit}" for value in row.values.values()]
    return "; ".join(values)


def _address(image: Path) -> str:
    return str(image.relative_to(PAGE.parent))


def _markdown(head: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(line) + " |" for line in cells)])


if __name__ == "__main__":
    write_page()
    sys.exit()
