"""lint_segment: warnings as JSON, problems of what cannot be read, and the page of codes."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from segmenter.accounts.models import Account
from segments.definition.codec import decode
from segments.lint import rules as _registered  # noqa: F401
from segments.lint.rule import rules
from tests.builders.definitions import Json, about, both, either, of_country, text
from tests.segments.lint.shop import shop_of_rules

__all__ = ["shop_of_rules"]

COUNTRY = "location['country']"


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command("lint_segment", *arguments)
    return json.loads(capsys.readouterr().out)


@pytest.mark.django_db
def test_warnings_come_with_the_whole_definition_after_the_fix(
    shop_of_rules: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = [about(COUNTRY, text("not-equals", name)) for name in ("Sweden", "Norway")]
    file = tmp_path / "outside.json"
    file.write_text(json.dumps(either(*outside)))
    first, *others = lint(capsys, str(file), "--account", "shop")
    assert first["code"] == "nearly-everyone"
    assert first["pointer"] == "/condition_groups/0/conditions/1"
    assert first["people"] == 180
    assert first["fixed"] == both(*outside)
    assert {"code", "pointer", "sentence", "people", "fixed"} == set(first)
    for each in others:
        if each["fixed"] is not None:
            decode(each["fixed"])


@pytest.mark.django_db
def test_standard_input_is_read_in_any_language(
    shop_of_rules: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps(both(of_country("Swedn"))).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    codes = [each["code"] for each in lint(capsys, "-", "--account", "shop", "--language", "sv")]
    assert codes[0] == "unknown-value"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (json.dumps({"condition_groups": []}), "/condition_groups"),
        (json.dumps(both({"type": "profile-property"})), "/condition_groups/0/conditions/0"),
        ("{", ""),
        (json.dumps(both({"type": "unheard-of"})), "/condition_groups/0/conditions/0/type"),
    ],
)
def test_what_cannot_be_read_is_listed_by_place(
    shop: Account,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    pointer: str,
) -> None:
    file = tmp_path / "broken.json"
    file.write_text(content)
    with pytest.raises(SystemExit) as exit_:
        call_command("lint_segment", str(file), "--account", "shop")
    assert exit_.value.code == 1
    problems: list[Json] = json.loads(capsys.readouterr().out)
    assert all({"pointer", "code", "message"} == set(problem) for problem in problems)
    assert any(problem["pointer"].startswith(pointer) for problem in problems)


@pytest.mark.django_db
def test_accounts_and_files_that_do_not_exist(shop: Account, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no account"):
        call_command("lint_segment", "-", "--account", "nowhere")
    with pytest.raises(CommandError, match="No such file"):
        call_command("lint_segment", str(tmp_path / "none.json"), "--account", "shop")


def test_the_page_of_warnings_lists_every_code() -> None:
    page = Path("docs/warnings.md").read_text()
    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == [
        code for code, _rule in sorted(rules.items(), key=lambda each: _place(page, each[0]))
    ]


def _place(page: str, code: str) -> int:
    return page.index(f"| `{code}` |")
