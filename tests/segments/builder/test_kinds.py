"""A kind's needs in the builder are in its own file and template only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from segments.builder.kinds.base import BuilderKind, builder_kind_of, builder_kinds
from segments.builder.offers import Offer
from segments.definition.tree import kinds

ROOT = Path(settings.BASE_DIR)
CONDITIONS = "segments.definition.conditions"


def files(folder: str, pattern: str) -> Iterator[Path]:
    """The files of a folder, without those of its folder `kinds`."""
    for path in sorted((ROOT / folder).rglob(pattern)):
        if (ROOT / folder / "kinds") not in path.parents:
            yield path


def kinds_in(text: str) -> set[str]:
    """The kinds that a text names."""
    return {kind for kind in kinds if re.search(rf"(?<![\w-]){re.escape(kind)}(?![\w-])", text)}


def imports_in(text: str) -> Iterator[str]:
    """The modules that a program imports, and the names that it imports from them."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_code_of_the_builder_names_a_kind() -> None:
    """Nor a kind's class or module: each kind's own file is the only one that knows it."""
    paths = list(files("segments/builder", "*.py"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not kinds_in(text), path
        assert not [name for name in imports_in(text) if name.startswith(CONDITIONS)], path
        assert not [
            name
            for name in imports_in(text)
            if "builder.kinds.base" not in name and "builder.kinds." in name
        ], path


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [("templates/segments/builder", "*.html"), ("static/js", "*.js"), ("static/css", "*.css")],
)
def test_nothing_of_the_builder_s_page_names_a_kind(folder: str, pattern: str) -> None:
    paths = list(files(folder, pattern))
    assert paths
    assert not {path.name: names for path in paths if (names := kinds_in(path.read_text()))}


def test_a_kind_s_file_is_named_as_its_definition_and_speaks_of_no_other_kind() -> None:
    for name, needs in builder_kinds.items():
        module = type(needs).__module__.rpartition(".")[2]
        assert kinds[name].__module__ == f"{CONDITIONS}.{module}"
        text = (ROOT / f"segments/builder/kinds/{module}.py").read_text(encoding="utf-8")
        assert kinds_in(text) == {name}


def test_templates_of_kinds_are_of_kinds_that_exist() -> None:
    folder = ROOT / "templates/segments/builder/kinds"
    assert {path.stem for path in folder.iterdir()} - set(kinds) == {"_any"}


def test_a_kind_that_says_nothing_offers_all_that_it_declares() -> None:
    names: list[Any] = ["no such kind", None, [], *(set(kinds) - set(builder_kinds))]
    for name in names:
        assert type(builder_kind_of(name)) is BuilderKind
        assert builder_kind_of(name).offer({"type": name}) == Offer()
