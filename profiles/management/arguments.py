"""Arguments of the commands that import files; invalid ones are rejected with a reason."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from zoneinfo import ZoneInfo

from profiles.imports.layout import read_delimiter
from profiles.imports.values import check_format
from segmenter.kernel.time_zones import time_zones


def add_layout(parser: ArgumentParser) -> None:
    """Add the arguments of a file's layout: delimiter, header, columns, encoding, time format."""
    add = parser.add_argument
    add("--delimiter", type=delimiter, help="one character, tab or whitespace")
    add("--no-header", action="store_true", help="the first row is data already")
    add("--columns", type=columns, metavar="A,B,C", help="names, where there is no header")
    add("--encoding", help="as cp1250; without it UTF-8, UTF-16, or a guess")
    add("--time-format", type=time_format, help="as %%Y%%m%%d; otherwise ISO 8601")


def columns(text: str) -> tuple[str, ...]:
    """Names of columns, with commas between them."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise ArgumentTypeError("every column needs a name of its own.")
    return names


def delimiter(text: str) -> str:
    """The delimiter of cells, as a character or by its name."""
    try:
        return read_delimiter(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def time_format(text: str) -> str:
    """The format of times, as for strptime."""
    try:
        return check_format(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def zone(text: str) -> ZoneInfo:
    """A time zone by its name."""
    if text not in time_zones():
        raise ArgumentTypeError(f"there is no time zone {text!r}.")
    return ZoneInfo(text)
