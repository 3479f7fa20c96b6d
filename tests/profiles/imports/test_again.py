"""Files that come again, with new rows on top, shuffled or shorter, add only what is new."""

from __future__ import annotations

import random
from collections.abc import Sequence
from hashlib import blake2b
from importlib import import_module
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.imports.row_ids import Occurrences, RowIds
from profiles.ingest.store import ingest_events
from profiles.models import Event
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now

HEADER = "Email,Order date,Total"
MONDAY = ["b@grow.example,2026-11-02,20", "a@grow.example,2026-11-01,10"]
TUESDAY = ["c@grow.example,2026-11-03,30", *MONDAY]
TWICE = ["d@grow.example,2026-11-04,5", "d@grow.example,2026-11-04,5"]
METRIC = ("--metric", "Placed Order")


def import_rows(
    folder: Path,
    rows: Sequence[str],
    *options: str,
    header: str = HEADER,
    name: str = "orders.csv",
    end: str = "\n",
    encoding: str = "utf-8",
) -> int:
    """Import a file of these rows; return how many events there are then."""
    path = folder / name
    path.write_bytes(
        "".join(row + end for row in ([header] if header else []) + list(rows)).encode(encoding)
    )
    call_command(
        "import_events",
        str(path),
        "--account",
        "shop",
        *METRIC,
        *options,
        stdout=StringIO(),
        stderr=StringIO(),
    )
    return Event.objects.filter(account__slug="shop").count()


def store_by_the_old_rule(
    account: Account, rows: Sequence[str], *, order: Sequence[int] = (), texts: Sequence[str] = ()
) -> None:
    """Store orders as versions before 0006 did: the row's number and a hash of its cells."""
    records = []
    for number, row in enumerate(rows, 1):
        email, day, total = row.split(",")
        text = texts[number - 1] if texts else "\x1f".join([email, day, total])
        digest = blake2b(text.encode(), digest_size=6).hexdigest()
        records.append(
            {
                "metric": "Placed Order",
                "time": day,
                "value": float(total),
                "unique_id": f"{number}:{digest}",
                "profile": {"email": email},
            }
        )
    outcome = ingest_events(account=account, records=records, at=now())
    assert not outcome.rejected


def rewrite_ids() -> None:
    """Do what the migration does."""
    with connection.schema_editor() as editor:
        import_module("profiles.migrations.0006_row_ids").rewrite(apps, editor)


@pytest.mark.django_db
def test_new_orders_on_top_of_a_file_do_not_double_the_old_ones(tmp_path: Path) -> None:
    assert import_rows(tmp_path, MONDAY) == 2
    assert import_rows(tmp_path, TUESDAY) == 3


@pytest.mark.django_db
def test_the_order_of_rows_does_not_matter_and_equal_rows_are_events_of_their_own(
    tmp_path: Path,
) -> None:
    rows = [f"p{n % 7}@grow.example,2026-11-{1 + n % 28:02},{n % 5}" for n in range(200)] + TWICE
    count = import_rows(tmp_path, rows)
    assert count == 202
    random.Random(3).shuffle(rows)
    assert import_rows(tmp_path, rows) == count
    assert import_rows(tmp_path, rows[50:]) == count
    assert import_rows(tmp_path, [TWICE[0], *rows]) == count + 1


@pytest.mark.django_db
def test_the_same_cells_written_otherwise_are_the_same_events(tmp_path: Path) -> None:
    assert import_rows(tmp_path, TUESDAY) == 3
    quoted = [",".join(f'"{cell}"' for cell in row.split(",")) for row in TUESDAY]
    assert import_rows(tmp_path, quoted, end="\r\n") == 3
    semicolons = [row.replace(",", ";") for row in TUESDAY]
    assert import_rows(tmp_path, semicolons, header=HEADER.replace(",", ";")) == 3
    assert import_rows(tmp_path, TUESDAY, encoding="utf-16") == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("encoding_of_file", "encodings_said"),
    [
        ("cp1250", ["cp1250", "cp1252", "utf-8", "mac-roman", "latin2", "cp932"]),
        ("utf-8", ["utf-8", "cp1252", "gb18030"]),
        ("utf-8-sig", ["utf-8"]),
        ("utf-16", ["utf-16"]),
    ],
)
def test_saying_the_encoding_after_a_guess_adds_nothing(
    tmp_path: Path, encoding_of_file: str, encodings_said: list[str]
) -> None:
    rows = [f"{row},Łódź,Kraków" for row in TUESDAY]
    options = ("-m", "email=Email", "-m", "time=Order date", "-m", "value=Total")
    header = f"{HEADER},City,Birthplace"
    for encoding in ["", *encodings_said]:
        option = ("--encoding", encoding) if encoding else ()
        count = import_rows(
            tmp_path, rows, *options, *option, header=header, encoding=encoding_of_file
        )
        assert count == 3, encoding


@pytest.mark.django_db
def test_json_lines_on_top_do_not_double_those_below(tmp_path: Path) -> None:
    lines = [
        f'{{"time": "2026-11-0{n}", "profile": {{"email": "a@grow.example"}}}}' for n in (1, 2, 2)
    ]
    assert import_rows(tmp_path, lines, header="", name="orders.jsonl") == 3
    first = '{"time": "2026-11-05", "profile": {"email": "b@grow.example"}}'
    second_line = '{"time": "2026-11-05", "profile": {"email": "b@grow.example"}, "unique_id": "7"}'
    new = [first, second_line, *reversed(lines)]
    assert import_rows(tmp_path, new, header="", name="orders.jsonl") == 5
    assert import_rows(tmp_path, new, header="", name="orders.jsonl") == 5


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["the same", "new on top", "shuffled", "fewer"])
def test_what_the_old_rule_stored_is_recognised(
    tmp_path: Path, account: Account, change: str
) -> None:
    rows = [*MONDAY, *TWICE, "é@grow.example,2026-11-05,7"]
    account.slug = "shop"
    account.save()
    store_by_the_old_rule(account, rows)
    rewrite_ids()
    again = {
        "the same": rows,
        "new on top": ["c@grow.example,2026-11-03,30", *rows],
        "shuffled": [rows[place] for place in (4, 2, 0, 3, 1)],
        "fewer": rows[1:3],
    }[change]
    assert import_rows(tmp_path, again) == 5 + (change == "new on top")


@pytest.mark.django_db
def test_rewriting_ids_keeps_doubles_other_ids_and_ids_of_the_new_form(account: Account) -> None:
    def ids() -> list[str]:
        return sorted(Event.objects.values_list("unique_id", flat=True))

    store_by_the_old_rule(account, MONDAY)
    store_by_the_old_rule(account, TUESDAY)  # the fault: two of its rows are there already
    record = {
        "metric": "Placed Order",
        "time": "2026-11-01",
        "profile": {"email": "a@grow.example"},
    }
    own = ["7", "0:0123456789ab", "12:0123456789AB", "12:0123456789abc", "order:0123456789ab"]
    ingest_events(account=account, records=[{**record, "unique_id": one} for one in own], at=now())
    rewrite_ids()
    ids_after = ids()
    assert len(ids_after) == 5 + len(own)
    assert set(own) <= set(ids_after)
    assert sorted(one.split(":")[1] for one in set(ids_after) - set(own)) == [
        "1",
        "1",
        "1",
        "2",
        "2",
    ]
    rewrite_ids()
    assert ids() == ids_after
    store_by_the_old_rule(account, MONDAY)  # by old code, after a step back
    rewrite_ids()
    assert len(ids()) == len(ids_after) + 2
    assert set(ids_after) < set(ids())


def test_a_row_has_the_same_id_whatever_came_before_in_other_pieces() -> None:
    texts = ["a", "b", "a", "\udcff", "a", "b"]
    whole = RowIds()(texts)
    assert whole == sorted(set(whole), key=whole.index)
    pieces = RowIds()
    pieces.skip(texts[:2])
    assert pieces(texts[2:5]) + pieces(texts[5:]) == whole[2:]
    assert whole[0] == blake2b(b"a", digest_size=6).hexdigest() + ":1"


def test_an_id_is_of_the_files_bytes_where_another_encoding_was_guessed_before() -> None:
    as_1252 = RowIds("cp1252")(["£ódŸ", "Kraków"])
    assert RowIds("cp1250", "cp1252")(["Łódź", "Kraków"]) == as_1252


@given(st.lists(st.lists(st.integers(-3, 30), max_size=40), max_size=12))
@settings(deadline=None)
def test_occurrences_are_counted_as_one_would_by_hand(blocks: list[list[int]]) -> None:
    occurrences, keys = Occurrences(), list[int]()
    for block in blocks:
        numbers = []
        for key in block:
            keys.append(key)
            numbers.append(keys.count(key))
        assert occurrences.add(np.array(block, np.int64)).tolist() == numbers
