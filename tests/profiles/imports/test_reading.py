"""Files of every format become rows; broken lines are reported with their number."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from profiles.imports import blocks
from profiles.imports.blocks import Block, read_blocks
from profiles.imports.layout import Layout, detect_layout
from profiles.imports.source import FileSource, Unreadable

HEADER = ["email", "name", "city"]
ROWS = [["a@x.se", "Åsa", "Örebro"], ["b@x.se", "Bo", "Łódź"]]


def write(folder: Path, content: bytes, name: str = "file.csv") -> FileSource:
    path = folder / name
    path.write_bytes(content)
    return FileSource(path)


def read(source: FileSource, layout: Layout | None = None, *, skip: int = 0) -> Block:
    """The whole file as one block."""
    whole = Block()
    for block in read_blocks(source, layout or detect_layout(source), skip=skip):
        whole.rows += block.rows
        whole.numbers += block.numbers
        whole.lines += block.lines
        whole.broken += block.broken
    return whole


def lines(delimiter: str, end: str = "\n", rows: list[list[str]] = ROWS) -> str:
    return "".join(delimiter.join(row) + end for row in [HEADER, *rows])


SHAPES = {
    "comma": (lines(",").encode(), ",", "utf-8-sig"),
    "semicolon": (lines(";").encode(), ";", "utf-8-sig"),
    "tab": (lines("\t").encode(), "\t", "utf-8-sig"),
    "bar": (lines("|").encode(), "|", "utf-8-sig"),
    "runs of spaces": (lines("   ").encode(), "", "utf-8-sig"),
    "runs of spaces, indented": (
        "".join(f"  {line}  \n" for line in lines("  ").splitlines()).encode(),
        "",
        "utf-8-sig",
    ),
    "CRLF": (lines(",", "\r\n").encode(), ",", "utf-8-sig"),
    "CR alone": (lines(",", "\r").encode(), ",", "utf-8-sig"),
    "no last newline": (lines(",").rstrip("\n").encode(), ",", "utf-8-sig"),
    "UTF-8 with a byte order mark": (codecs.BOM_UTF8 + lines(",").encode(), ",", "utf-8-sig"),
    "UTF-16": (lines(";").encode("utf-16"), ";", "utf-16"),
    "UTF-16, big end first": (
        codecs.BOM_UTF16_BE + lines(";").encode("utf-16-be"),
        ";",
        "utf-16",
    ),
    "UTF-16 without a mark": (lines(";").encode("utf-16-le"), ";", "utf-16-le"),
    "UTF-16 without a mark, big end first": (lines(";").encode("utf-16-be"), ";", "utf-16-be"),
    "empty lines between": (lines(",", "\n\n").encode(), ",", "utf-8-sig"),
    "rows of empty cells": (lines(",").encode() + b",,\n , ,\n", ",", "utf-8-sig"),
    "a delimiter at each end": (lines(",", ",\n").encode(), ",", "utf-8-sig"),
    "all quoted": (
        "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in [HEADER, *ROWS]).encode(),
        ",",
        "utf-8-sig",
    ),
    "a space after each delimiter": (lines(", ").encode(), ",", "utf-8-sig"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_one_file_in_many_shapes(tmp_path: Path, shape: str, compressed: bool) -> None:
    content, delimiter, encoding = SHAPES[shape]
    source = write(tmp_path, gzip.compress(content) if compressed else content)
    layout = detect_layout(source)
    assert (layout.delimiter, layout.encoding) == (delimiter, encoding)
    assert layout.columns == tuple(HEADER)
    block = read(source, layout)
    assert block.rows == ROWS
    assert block.numbers == [1, 2]
    assert block.broken == []


def test_cp1252_where_it_is_not_utf_8(tmp_path: Path) -> None:
    source = write(tmp_path, "email,name\na@x.se,Åsa €\n".encode("cp1252"))
    assert detect_layout(source).encoding == "cp1252"
    assert read(source).rows == [["a@x.se", "Åsa €"]]


def test_a_late_foreign_letter_is_noticed(tmp_path: Path) -> None:
    plain = "".join(f"{i}@x.se,Bo\n" for i in range(100_000))
    source = write(tmp_path, f"email,name\n{plain}z@x.se,Åsa\n".encode("cp1252"))
    assert read(source).rows[-1] == ["z@x.se", "Åsa"]


def test_a_few_damaged_letters_do_not_change_the_encoding(tmp_path: Path) -> None:
    good = "".join(f"{i}@x.se,Åsa Öberg\n" for i in range(50))
    source = write(tmp_path, f"email,name\n{good}".encode() + b"z@x.se,\xc5sa\n")
    assert detect_layout(source).encoding == "utf-8-sig"
    assert read(source).rows[0] == ["0@x.se", "Åsa Öberg"]


def test_without_a_header(tmp_path: Path) -> None:
    source = write(tmp_path, b" 00001 19970101  1   11.77\r\n 00002 19970112 12   12.00\r\n")
    layout = detect_layout(source, header=False, columns=("customer", "date", "quantity", "amount"))
    assert layout.delimiter == ""
    assert read(source, layout).rows == [
        ["00001", "19970101", "1", "11.77"],
        ["00002", "19970112", "12", "12.00"],
    ]
    assert detect_layout(source, header=False).columns == ("1", "2", "3", "4")


def test_quotes_hold_delimiters_newlines_and_quotes(tmp_path: Path) -> None:
    text = 'id,segment,note\n1,"7) $1,000 +","two\nlines"\n2,"say ""hi""",12" pipe\n3,x,y\n'
    block = read(write(tmp_path, text.encode()))
    assert block.rows == [
        ["1", "7) $1,000 +", "two\nlines"],
        ["2", 'say "hi"', '12" pipe'],
        ["3", "x", "y"],
    ]
    assert block.lines == [2, 4, 5]


BROKEN = {
    "too few cells": ("2,x\n", [3], "2 cells, the header 3"),
    "too many cells": ("2,x,y,z\n", [3], "4 cells, the header 3"),
    "unclosed quote, no other after it": ('2,"x,y\n', [3], "never closed"),
    "a quote after the closing one": ('2,"x"y,z\n', [3], "must be doubled"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_row_is_set_aside_at_its_line(tmp_path: Path, what: str) -> None:
    row, at, reason = BROKEN[what]
    block = read(write(tmp_path, f"id,a,b\n1,p,q\n{row}3,r,s\n4,t,u\n".encode()))
    assert block.rows == [["1", "p", "q"], ["3", "r", "s"], ["4", "t", "u"]]
    assert block.numbers == [1, 3, 4]
    assert block.lines == [2, 4, 5]
    assert [one.line for one in block.broken] == at
    assert reason in block.broken[0].reason
    assert block.broken[0].text == row.rstrip("\n")


def test_an_unclosed_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    middle = "".join(f'{i},"a, b",c\n' for i in range(2, 1_000))
    block = read(write(tmp_path, f'id,a,b\n1,"oops,q\n{middle}'.encode()))
    assert [one.line for one in block.broken] == [2]
    assert [row[0] for row in block.rows] == [str(i) for i in range(2, 1_000)]


def test_nul_bytes_do_not_stop_the_file(tmp_path: Path) -> None:
    block = read(write(tmp_path, b"id,a\n1,x\0y\n2,z\n"))
    assert block.rows == [["1", "x\0y"], ["2", "z"]]


def test_a_cell_of_ten_megabytes(tmp_path: Path) -> None:
    big = "x" * 10_000_000
    block = read(write(tmp_path, f'id,a\n1,"{big}"\n2,z\n'.encode()))
    assert [len(row[1]) for row in block.rows] == [10_000_000, 1]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_row_without_an_end(tmp_path: Path, quote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_CHARACTERS", 1_000)
    monkeypatch.setattr(blocks, "_LONG", 100)
    block = read(write(tmp_path, f"id,a\n1,{quote}{'x' * 5_000}{quote}\n2,z\n".encode()))
    assert block.rows == [["2", "z"]]
    assert (block.broken[0].line, len(block.broken[0].text)) == (2, 1_000)
    assert "longer than 1,000 characters" in block.broken[0].reason


def test_blocks_and_skipping(tmp_path: Path) -> None:
    source = write(tmp_path, b"id,a\n" + b"".join(b"%d,x\n" % i for i in range(25)) + b"bad\n")
    layout = detect_layout(source)
    blocks = list(read_blocks(source, layout, rows=10))
    assert [len(block.rows) + len(block.broken) for block in blocks] == [10, 10, 6]
    assert [block.last_number for block in blocks] == [10, 20, 26]
    assert blocks[-1].position == source.size
    rest = read(source, layout, skip=20)
    assert [row[0] for row in rest.rows] == ["20", "21", "22", "23", "24"]
    assert rest.numbers == [21, 22, 23, 24, 25]


def test_a_file_of_broken_rows_comes_in_blocks_too(tmp_path: Path) -> None:
    source = write(tmp_path, b"id,a\n1,x\n" + b"bad\n" * 25)
    blocks = list(read_blocks(source, detect_layout(source, delimiter=","), rows=10))
    assert [len(block.broken) for block in blocks] == [9, 10, 6]


def test_json_lines(tmp_path: Path) -> None:
    text = '{"email": "å@x.se"}\n\n[1]\n{"a": NaN}\n{"a":\n' + "[" * 100_000 + '\n{"b": 1}'
    source = write(tmp_path, text.encode(), "people.jsonl")
    block = read(source)
    assert [row for row, _ in block.rows] == [{"email": "å@x.se"}, {"b": 1}]
    assert block.numbers == [1, 6]
    assert [one.line for one in block.broken] == [3, 4, 5, 6]
    assert "no JSON object" in block.broken[0].reason
    assert "NaN" in block.broken[1].reason


UNREADABLE = {
    "empty": (b"", "is empty"),
    "only newlines": (b"\n\n", "is empty"),
    "a workbook": (b"PK\x03\x04" + bytes(100), "Excel workbook"),
    "bytes": (bytes(range(256)) * 10, "not a text file"),
    "half a gzip": (gzip.compress(lines(",").encode() * 99)[:-20], "ends too early"),
    "a damaged gzip": (
        gzip.compress(bytes(str(list(range(9_000))), "ascii"))[:500] + b"x" * 500,
        "is damaged",
    ),
    "a header with an unclosed quote": (b'id,"name\n1,x\n', "The header"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_said(tmp_path: Path, what: str) -> None:
    content, message = UNREADABLE[what]
    with pytest.raises(Unreadable, match=message):
        read(write(tmp_path, content))


def test_there_must_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no such file"):
        FileSource(tmp_path / "nothing.csv")
    with pytest.raises(Unreadable, match="it is a folder"):
        FileSource(tmp_path)


def test_the_encoding_may_be_said(tmp_path: Path) -> None:
    source = write(tmp_path, lines(",").encode("iso8859-2", "replace"))
    assert read(source, detect_layout(source, encoding="latin2")).rows[0][1] == "?sa"
    with pytest.raises(Unreadable, match="no encoding 'klingon'"):
        detect_layout(source, encoding="klingon")
