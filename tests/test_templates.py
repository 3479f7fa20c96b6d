"""Templates: short lines, and each of them reached by a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from forms_targeting.attributes import Kind
from segments.builder.inputs import Input
from segments.definition.evidence import Belongs, Chain, Happened, KnownValue
from segments.definition.operators import filters
from segments.definition.tree import kinds

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
APPS = ("segmenter", "profiles", "predictions", "segments", "forms_targeting")
MOST = 160
DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
"""Django takes these by their names."""
NAME = re.compile(r"[\w./-]+\.html")


def texts(path: Path) -> Iterator[str]:
    """The texts in a program."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def parts_of_pages(path: Path) -> Iterator[str]:
    """The parts that a program answers alone: `part` lies in the folder of the page."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            pages = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            for keyword in node.keywords:
                if keyword.arg == "part" and isinstance(keyword.value, ast.Constant):
                    for page in pages:
                        yield f"{str(page).rpartition('/')[0]}/{keyword.value.value!s}"


def programs() -> Iterator[Path]:
    for app in APPS:
        yield from (ROOT / app).rglob("*.py")


def names_by_rule() -> set[str]:
    """Templates whose names are made from what they draw."""
    inputs = {
        text
        for path in (ROOT / "segments/builder/controls").glob("*.py")
        for text in texts(path)
        if re.fullmatch(r"[a-z]+", text)
    }
    items = (KnownValue, Happened, Belongs, Chain)
    return {
        *(f"segments/builder/kinds/{kind}.html" for kind in kinds),
        "segments/builder/kinds/_any.html",
        *(f"segments/builder/filters/{cls.layout}.html" for cls in filters.values()),
        *(Input(kind, "").file for kind in inputs),
        *(f"forms_targeting/editor/inputs/{kind}.html" for kind in Kind),
        *(f"segments/explain/item_{item.shape}.html" for item in items),
    }


def test_lines_of_templates_can_be_read_without_scrolling() -> None:
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) >= MOST
    ]
    assert long == []


def test_an_id_is_written_without_separators_of_thousands() -> None:
    bare = re.compile(r"\{\{ *[\w.]*\bpk *\}\}")
    paths = sorted(TEMPLATES.rglob("*.html"))
    assert [path.name for path in paths if bare.search(path.read_text(encoding="utf-8"))] == []


def test_every_template_is_reached_from_a_page() -> None:
    """From the texts of the programs on, through what each template extends or includes."""
    names = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    words = {name for path in programs() for text in texts(path) for name in NAME.findall(text)}
    parts = {name for path in programs() for name in parts_of_pages(path)}
    queue = [*((words | parts | names_by_rule()) & names), *DJANGO]
    reach: set[str] = set()
    while queue:
        name = queue.pop()
        if name not in reach:
            reach.add(name)
            source = (TEMPLATES / name).read_text(encoding="utf-8")
            queue += [each for each in NAME.findall(source) if each in names]
    assert sorted(names - reach) == []
