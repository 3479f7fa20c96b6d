"""Names say what a thing is: no bare participle or vague noun, no class name twice."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APPS = ("segmenter", "profiles", "predictions", "segments", "forms_targeting")
_PARTICIPLES = """
asked built changed chosen compacting copied copying counted crossed drawn finished found
given grown held joined kept known left lent looked lost made meant met moved noted
offered opened overlaid packed packing passed placed posting put read reading remembered
remembering said searching seen sending sent shown signing spent standing stored taken
tested told tried unfinished used waiting waking wanted writing written
"""
PARTICIPLES = frozenset(_PARTICIPLES.split())
VAGUE = frozenset({"utils", "helpers", "helper", "manager", "service", "common", "misc", "parts"})
_LOCALS = """
asked begun chosen counted crossed drawn foo found given gone held joined kept lent made
meant moved named noted obj opened remembered ret said seen sent shown stored stuff taken
temp tested thing things tmp told touched tried used wanted written
"""
LOCALS = frozenset(_LOCALS.split())
"""What a local, a parameter or a function must not be called."""
HOUSE = (*APPS, "tests", "bench", "docs")
"""Folders whose locals, parameters and functions hold to LOCALS."""
EVERYWHERE = frozenset({"Command", "Meta"})
"""Django finds these by their names."""
STRUCTURES = frozenset({"Consent", "ConsentStatus"})
"""What is stored, and the part of a condition that asks for it, in Klaviyo's words."""


def modules() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_no_module_is_named_by_a_participle_or_a_vague_noun() -> None:
    names = [path.parent.name if path.stem == "__init__" else path.stem for path in modules()]
    assert [name for name in names if name in PARTICIPLES | VAGUE] == []


def test_a_public_class_has_a_noun_of_its_own() -> None:
    places = defaultdict(list)
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name for name in places if name.lower() in PARTICIPLES} == set()
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: twice[name] for name in twice.keys() - EVERYWHERE - STRUCTURES} == {}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of every local, parameter and function."""
    for function in functions(tree):
        if not isinstance(function, ast.Lambda):
            yield function.lineno, function.name
        for node in ast.walk(function):
            if isinstance(node, ast.arg):
                yield node.lineno, node.arg
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.lineno, node.id
            elif isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler) and node.name:
                yield node.lineno, node.name


@pytest.mark.parametrize("folder", HOUSE)
def test_a_local_says_what_it_holds(folder: str) -> None:
    paths = [
        path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    ]
    assert paths
    wrong = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in paths
        for line, name in names_in(ast.parse(path.read_text(encoding="utf-8")))
        if name.strip("_") in LOCALS
    }
    assert sorted(wrong) == []


def test_the_check_of_locals_sees_each_way_to_name_one() -> None:
    code = """
def _told(held, *given, kept=1, **asked):
    found, (sent, *taken) = held
    for shown in found:
        pass
    with sent as opened:
        pass
    try:
        pass
    except OSError as said:
        pass
    match taken:
        case [made, *gone]:
            pass
    return [wanted for wanted in made if (stored := wanted)], lambda meant: meant
"""
    names = {name for _line, name in names_in(ast.parse(code))}
    assert names == {
        *("_told", "held", "given", "kept", "asked", "found", "sent", "taken", "shown", "opened"),
        *("said", "made", "gone", "wanted", "stored", "meant"),
    }
