"""Draws `docs/images/architecture.svg` from the imports of the code.

Run `python docs/architecture_picture.py` after a room or an import between rooms was added or
removed; a test compares the file with what this draws. A room is a package or a module directly
inside an app. An arrow is an import; one that follows from others (A > B > C implies A > C) is
left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
APPS = ("forms_targeting", "segments", "predictions", "profiles", "segmenter")
"""From the top floor down: an app imports only those after it."""
LEFT_OUT = {"apps", "migrations", "data", "demo", "management", "tests", "__init__"}
"""Not rooms: configuration, generated files, data sets, the demo shop, commands."""
WIDTH, MARGIN, HEAD = 1180, 24, 30
BOX_HEIGHT, GAP, FLOOR = 30, 14, 62

Edges = dict[str, set[str]]


@dataclass(frozen=True)
class Room:
    """Where a room is drawn: the middle of its box and the box's width, in pixels."""

    name: str
    x: float
    y: float
    width: float


def modules() -> Iterable[tuple[str, Path]]:
    """Every module of the apps with its file."""
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), file


def room_of(module: str) -> str | None:
    """The room that a module lies in, as `app.room`; None for what is no room."""
    parts = module.split(".")
    if len(parts) < 2 or parts[0] not in APPS or parts[1] in LEFT_OUT:
        return None
    return ".".join(parts[:2])


def imports() -> Edges:
    """Which rooms each room imports."""
    files = dict(modules())
    edges: Edges = {room: set() for module in files if (room := room_of(module))}
    for module, file in files.items():
        room = room_of(module)
        if room is None:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    other = room_of(inner if inner in files else node.module)
                    if other is not None and other != room:
                        edges[room].add(other)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "include":
                other = room_of(str(getattr(node.args[0], "value", "")))
                if other is not None and other != room:
                    edges[room].add(other)
    return edges


def reach(edges: Edges, start: str) -> set[str]:
    """All rooms that `start` imports, directly or not."""
    rooms: set[str] = set()
    rest = list(edges.get(start, ()))
    while rest:
        room = rest.pop()
        if room not in rooms:
            rooms.add(room)
            rest += edges.get(room, ())
    return rooms


def reduced(edges: Edges) -> Edges:
    """The imports without those that follow from others."""
    return {
        room: {
            other
            for other in others
            if not any(other in reach(edges, between) for between in others - {other})
        }
        for room, others in edges.items()
    }


def floors(rooms: set[str], edges: Edges) -> list[list[str]]:
    """The rooms of an app from the top floor down; each stands above all that it imports."""
    height: dict[str, int] = {}

    def level(room: str, path: tuple[str, ...] = ()) -> int:
        if room not in height:
            below = [o for o in edges[room] if o in rooms and o not in path]
            height[room] = 1 + max((level(o, (*path, room)) for o in below), default=-1)
        return height[room]

    for room in sorted(rooms):
        level(room)
    rows: list[list[str]] = [[] for _ in range(max(height.values(), default=-1) + 1)]
    for room in sorted(rooms):
        rows[height[room]].append(room)
    return rows[::-1]


def place(app: str, rooms: set[str], edges: Edges, top: float) -> tuple[list[Room], float]:
    """The boxes of one app below `top`, and where the app's frame ends."""
    boxes: list[Room] = []
    y = top + HEAD + BOX_HEIGHT / 2 + GAP
    for floor in floors(rooms, edges):
        line: list[tuple[str, float]] = []
        lines = [line]
        used_width = 0.0
        for room in floor:
            width = 18 + 7.4 * len(room.split(".")[1])
            if line and used_width + width + GAP > WIDTH - 4 * MARGIN:
                line, used_width = [], 0.0
                lines.append(line)
            line.append((room, width))
            used_width += width + GAP
        for each in lines:
            free = WIDTH - 2 * MARGIN - sum(width for _, width in each)
            space = min(free / (len(each) + 1), 120)
            x = (WIDTH - sum(width + space for _, width in each) + space) / 2
            for room, width in each:
                boxes.append(Room(room, x + width / 2, y, width))
                x += width + space
            y += BOX_HEIGHT + GAP
        y += FLOOR - BOX_HEIGHT - GAP
    return boxes, y - FLOOR + BOX_HEIGHT + GAP + 10 if boxes else top + HEAD + GAP


def draw() -> str:
    """The picture as SVG."""
    edges = imports()
    frames: list[str] = []
    arrows: list[str] = []
    shapes: list[str] = []
    top = float(MARGIN)
    for app in APPS:
        rooms = {room for room in edges if room.startswith(f"{app}.")}
        inside = {room: edges[room] & rooms for room in rooms}
        boxes, end = place(app, rooms, inside, top)
        at = {box.name: box for box in boxes}
        frames.append(
            f'<rect class="app" x="{MARGIN}" y="{top:.0f}" width="{WIDTH - 2 * MARGIN}"'
            f' height="{end - top:.0f}" rx="8"/>'
            f'<text class="head" x="{MARGIN + 14}" y="{top + 21:.0f}">{escape(app)}</text>'
        )
        for box in boxes:
            shapes.append(
                f'<rect class="room" x="{box.x - box.width / 2:.0f}" y="{box.y - 15:.0f}"'
                f' width="{box.width:.0f}" height="{BOX_HEIGHT}" rx="5"/>'
                f'<text x="{box.x:.0f}" y="{box.y + 5:.0f}">{escape(box.name.split(".")[1])}</text>'
            )
        for room, others in sorted(reduced(inside).items()):
            for other in sorted(others):
                a, b = at[room], at[other]
                arrows.append(
                    f'<path d="M{a.x:.0f} {a.y + 15:.0f}L{b.x:.0f} {b.y - 16:.0f}"'
                    ' marker-end="url(#tip)"/>'
                )
        top = end + GAP
    content = "\n".join([*frames, *arrows, *shapes])
    return _SHEET.format(width=WIDTH, height=round(top + GAP), content=content)


_SHEET = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 aria-label="The apps of Segmenter from the top floor down, their rooms, and which imports which">
<style>
svg {{ background: #fff; }}
text {{ font: 13px system-ui, sans-serif; text-anchor: middle; fill: #1c2430; }}
.head {{ font-weight: 600; text-anchor: start; }}
.app {{ fill: #f5f7fa; stroke: #c9d1dc; }}
.room {{ fill: #fff; stroke: #5b6b82; }}
path {{ stroke: #8a98ab; fill: none; }}
marker path {{ fill: #8a98ab; }}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
 orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
{content}
</svg>
"""


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
