"""Where the bytes of a file come from, unpacked if they are packed, and in which encoding.

Knows nothing of rows. Every failure to read is an `Unreadable` with a sentence for the person.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol

from segmenter.kernel.errors import ApplicationError, Problem

BLOCK = 1 << 20
"""Bytes read at a time."""
_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 31
_UNDECODED = re.compile("[\udc80-\udcff]")
_FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or another archive: save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save it as CSV"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file: save it as CSV"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"BZh", "packed with bzip2: unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "packed with xz: unpack it, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it, or pack it with gzip"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


class Unreadable(ApplicationError):
    """A file that cannot be imported at all; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(Problem("", "unreadable", message))


class Source(Protocol):
    """A file that can be read from its beginning as often as needed."""

    name: str
    size: int
    """Bytes as stored (packed, if it is packed)."""

    def open(self) -> io.RawIOBase:
        """Return a new stream at the file's beginning; its `tell` says how far it was read."""
        ...


class FileSource:
    """A file of this machine. Raises Unreadable if there is none that can be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        try:
            if path.is_dir():
                _cannot(path, "it is a folder")
            if not path.is_file():
                _cannot(path, "it is not a file" if path.exists() else "there is no such file")
            self.size = path.stat().st_size
            self.open().close()
        except OSError as error:
            _cannot(path, (error.strerror or str(error)).lower())
        except ValueError:
            _cannot(path, "its name is not a name of a file")

    def open(self) -> io.RawIOBase:
        return io.FileIO(self.path, "rb")


def _cannot(path: Path, why: str) -> NoReturn:
    raise Unreadable(f"Cannot read {str(path)!r}: {why}.")


@contextmanager
def unpacked(source: Source) -> Iterator[tuple[BinaryIO, io.RawIOBase]]:
    """Open a source: its bytes, unpacked if gzip packed them, and the raw stream below.

    Inside the block, whatever is wrong with the bytes is raised as Unreadable.
    """
    with source.open() as raw:
        stored = io.BufferedReader(raw, BLOCK)
        stream: BinaryIO = stored
        try:
            if stored.peek(2)[:2] == _GZIP:
                stream = io.BufferedReader(gzip.GzipFile(fileobj=stored), BLOCK)
            yield stream, raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            what = "ends too early" if isinstance(error, EOFError) else "is damaged"
            raise Unreadable(f"{source.name!r} is packed with gzip, and {what}.") from error
        except OSError as error:
            raise Unreadable(f"Cannot read {source.name!r}: {error.strerror or error}.") from error


def check_encoding(name: str) -> str:
    """Return the canonical name of a text encoding. Raises Unreadable for an unknown one."""
    try:
        found = codecs.lookup(name).name
        io.TextIOWrapper(io.BytesIO(), encoding=found)
    except (LookupError, ValueError):
        raise Unreadable(f"There is no encoding {name!r}; try utf-8, utf-16 or cp1252.") from None
    return "utf-8-sig" if found == "utf-8" else found


class TextScan:
    """Looks at a file's bytes in order: are they text, in which encoding, how many unpacked?

    UTF-8, else UTF-16 with a byte order mark, else cp1252. Text that is UTF-8 but for a few
    damaged places stays UTF-8: the rows with such places are refused alone. With `most`, a file
    that holds more bytes than that, unpacked, is Unreadable.
    """

    def __init__(self, name: str, *, most: int | None = None) -> None:
        self._name = name
        self._most = most
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._packed: Any = None
        self._begun = False
        self.bytes = 0
        """Unpacked."""
        self._foreign = 0
        self._accented = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes as stored. Raises Unreadable as soon as they are no text."""
        if not self._begun and data:
            self._begun = True
            self._packed = zlib.decompressobj(wbits=_GZIP_BITS) if data[:2] == _GZIP else None
        if self._packed is None:
            self._look(data)
            return
        try:
            while data:
                if self._packed.eof:  # another packed part follows, or padding
                    data = data.lstrip(b"\0")
                    if not data:
                        break
                    self._packed = zlib.decompressobj(wbits=_GZIP_BITS)
                self._look(self._packed.decompress(data, BLOCK))
                data = self._packed.unconsumed_tail or self._packed.unused_data
        except zlib.error as error:
            raise Unreadable(f"{self._name!r} is packed with gzip, and is damaged.") from error

    def encoding(self) -> str:
        """Return the encoding once everything was fed. Raises Unreadable for no text at all."""
        if self._packed is not None and not self._packed.eof:
            raise Unreadable(f"{self._name!r} is packed with gzip, and ends too early.")
        self._check_head()
        if self.bytes == 0:
            raise Unreadable(f"{self._name!r} is empty.")
        if self._head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        self._count(self._decoder.decode(b"", final=True))
        if self._foreign and self._foreign * 10 > self._accented:
            return "cp1252"
        return "utf-8-sig"

    def _look(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._most is not None and self.bytes > self._most:
            raise Unreadable(f"{self._name!r} holds more than {self._most:,} bytes, unpacked.")
        if len(self._head) < _HEAD:
            self._head += data[: _HEAD - len(self._head)]
            if len(self._head) == _HEAD:
                self._check_head()
        self._count(self._decoder.decode(data))

    def _count(self, text: str) -> None:
        if text.isascii():
            return
        foreign = len(_UNDECODED.findall(text))
        self._foreign += foreign
        self._accented += len(text) - len(text.encode("ascii", "ignore")) - foreign

    def _check_head(self) -> None:
        head = self._head
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return
        for magic, what in _FOREIGN:
            if head.startswith(magic):
                raise Unreadable(f"{self._name!r} is not a text file but {what}.")
        nulls = head.count(0)
        if nulls * 10 > len(head):
            if max(head[::2].count(0), head[1::2].count(0)) > nulls * 0.9:
                known = "utf-16-be" if head[::2].count(0) * 2 > nulls else "utf-16-le"
                raise Unreadable(
                    f"{self._name!r} looks like UTF-16 without a byte order mark;"
                    f" say so (--encoding {known}) or save it as UTF-8."
                )
            raise Unreadable(f"{self._name!r} is not a text file.")
        control = len(head) - len(head.translate(None, _CONTROL))
        if control * 20 > len(head):
            raise Unreadable(f"{self._name!r} is not a text file.")


_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f"))


def detect_encoding(source: Source) -> str:
    """Read a source to its end and return its encoding. Raises Unreadable for no text."""
    scan = TextScan(source.name)
    with source.open() as raw:
        try:
            while data := raw.read(BLOCK):
                scan.feed(data)
        except OSError as error:
            raise Unreadable(f"Cannot read {source.name!r}: {error.strerror or error}.") from error
    return scan.encoding()
