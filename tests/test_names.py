"""Names say what a thing is: no bare participle as a module or class, no class name twice."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
APPS = ("segmenter", "profiles", "predictions", "segments", "forms_targeting")
PARTICIPLES = frozenset(
    {
        *(
            "asked",
            "built",
            "changed",
            "chosen",
            "copied",
            "counted",
            "crossed",
            "drawn",
            "finished",
        ),
        *("found", "given", "grown", "held", "joined", "kept", "known", "left", "lent", "looked"),
        *(
            "lost",
            "made",
            "meant",
            "met",
            "moved",
            "noted",
            "offered",
            "opened",
            "overlaid",
            "packed",
        ),
        *(
            "passed",
            "placed",
            "put",
            "read",
            "remembered",
            "said",
            "seen",
            "sent",
            "shown",
            "spent",
        ),
        *("stored", "taken", "tested", "told", "tried", "unfinished", "used", "wanted", "written"),
        *("compacting", "copying", "packing", "posting", "reading", "remembering", "searching"),
        *("sending", "signing", "standing", "waiting", "waking", "writing"),
    }
)
VAGUE = frozenset({"utils", "helpers", "helper", "manager", "service", "common", "misc", "parts"})
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
