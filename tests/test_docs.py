"""The documents agree with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"


def test_the_picture_of_the_house_is_drawn_from_its_imports() -> None:
    script = "import architecture_picture as p; print(p.draw(), end='')"
    picture_run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT / "docs",
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert picture_run.stdout == PICTURE.read_text(encoding="utf-8"), (
        "run: python docs/architecture_picture.py"
    )


def api_routes() -> list[str]:
    """Every address under /api/, with {id} for its parameters."""
    routes: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif route.startswith("api/"):
                plain = re.sub(r"\(\?P<[^>]+>[^)]*\)", "{id}", route)
                routes.append("/" + re.sub(r"[\^$?]", "", plain).rstrip("/"))

    walk(get_resolver().url_patterns, "")
    return sorted(set(routes))


@pytest.mark.parametrize("route", api_routes())
def test_every_route_of_the_api_is_documented(route: str) -> None:
    assert route in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_setting_of_the_environment_is_documented() -> None:
    settings = (ROOT / "segmenter" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(SEGMENTER_[A-Z_]+)"', settings))
    running = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert {name for name in names if name not in running} == set()


@pytest.mark.parametrize("page", [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"])
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_slow_file_of_tests_is_there() -> None:
    lines = (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if not line.startswith("#")]
    assert names == sorted(names)
    assert [name for name in names if not (ROOT / name).exists()] == []
