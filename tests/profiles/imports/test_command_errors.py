"""Wrong usage of the import commands: messages and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from segmenter.accounts.models import Account
from tests.profiles.imports.command_runs import folder

__all__ = ["folder"]

PROJECT = Path(__file__).parents[3]

pytestmark = pytest.mark.django_db


CSV = "email,time,total\na@x.se,2020-01-01,5\n"
ARGPARSE = 0
"""The code is argparse's own: 2 from the command line, none when called from Python."""
WRONG = {
    "no such file": (["nothing.csv"], 1, "no such file"),
    "a folder": (["."], 1, "is a folder"),
    "an unknown column": (["f.csv", "--map", "email=Mail", "--map", "time=time"], 1, "total"),
    "an unknown target": (["f.csv", "--map", "mail=email"], 2, "cannot become 'mail'"),
    "half a mapping": (["f.csv", "--map", "email"], ARGPARSE, "TARGET=COLUMN"),
    "no time": (["f.csv", "--map", "email=email"], 2, "map time"),
    "nobody": (["f.csv", "--map", "time=time"], 2, "who it is about"),
    "no metric": (["f.csv", "--metric", ""], 2, "--metric is missing"),
    "an unknown unique id": (["f.csv", "--unique-id", "order"], 1, "no column 'order'"),
    "an unknown zone": (["f.csv", "--time-zone", "Mars"], ARGPARSE, "no time zone 'Mars'"),
    "a bad format": (["f.csv", "--time-format", "%H"], ARGPARSE, "whole date"),
    "a bad delimiter": (["f.csv", "--delimiter", "ab"], ARGPARSE, "cannot be a delimiter"),
    "an unknown encoding": (["f.csv", "--encoding", "klingon"], 1, "no encoding"),
    "names for a header": (["f.csv", "--columns", "a,b"], 2, "--no-header"),
    "too few names": (["f.csv", "--no-header", "--columns", "a,b"], 1, "has 3"),
    "a mapping of JSON": (["f.jsonl", "--map", "email=email"], 2, "JSON Lines"),
    "a bad slug": (["f.csv", "--account", "Bad Slug"], 1, "small letters"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_and_makes_nothing(what: str) -> None:
    arguments, code, message = WRONG[what]
    Path("f.csv").write_text(CSV)
    Path("f.jsonl").write_text("{}\n")
    with pytest.raises(CommandError, match=message) as caught:
        call_command("import_events", "--account", "shop", "--metric", "M", *arguments)
    if code != ARGPARSE:
        assert caught.value.returncode == code
    assert not Account.objects.exists()


def test_an_account_is_made_once() -> None:
    call_command("create_account", "shop")
    for arguments in (["shop"], ["new", "--time-zone", "Mars"], ["Bad Slug"]):
        with pytest.raises(CommandError) as caught:
            call_command("create_account", *arguments)
        assert caught.value.returncode == 1
    assert Account.objects.count() == 1


def test_exit_codes(folder: Path) -> None:
    """In a process of its own, as from a terminal."""
    (folder / "f.csv").write_text("email\na@x.se\nno address\n")
    outputs = {}
    for options in (["f.csv"], ["nothing.csv"], ["f.csv", "--nonsense"]):
        command = [
            sys.executable,
            str(PROJECT / "manage.py"),
            "import_profiles",
            "--account",
            "cli",
        ]
        ended = subprocess.run(
            [*command, "--account", "cli", *options], capture_output=True, text=True, check=False
        )
        assert "Traceback" not in ended.stderr
        outputs[ended.returncode] = ended.stdout
    assert list(outputs) == [0, 1, 2]
    assert json.loads(outputs[0])["rejected"] == 1
    assert outputs[1] == outputs[2] == ""
    assert (folder / "f.csv.rejected.csv").exists()
