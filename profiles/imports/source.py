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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol

from profiles.imports.encodings import UNDECODED, rank
from segmenter.kernel.errors import ApplicationError, Problem

BLOCK = 1 << 20
"""Bytes read at a time."""
_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 31
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UNUSUAL = re.compile("[\u0180-\u07ff]")
"""Letters of UTF-8 that two bytes of other encodings make by chance, as capitals (ŻÓŁW)."""
_UNUSUAL_WORTH = 4
"""So many of them say as much as one other letter."""
_CELL_BEFORE = re.compile(rb"[^,;|\t\r\n\"]*\Z")
_CELL_AFTER = re.compile(rb"[^,;|\t\r\n\"]*")
_AROUND = 40
_MOST_SAMPLES = 500
_MOST_LOOKED_AT = 20_000
OLD_EIGHT_BIT = "cp1252"
"""As what versions before 0006 read every file that is no UTF; ids of rows are of that text."""
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


class ByteSource(Protocol):
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
def unpacked(source: ByteSource) -> Iterator[tuple[BinaryIO, io.RawIOBase]]:
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
        raise Unreadable(
            f"There is no encoding {name!r}; try utf-8, utf-16, cp1250 or cp1252."
        ) from None
    return "utf-8-sig" if found == "utf-8" else found


@dataclass(frozen=True)
class Detection:
    """In which encoding a file is, and how sure that is."""

    encoding: str
    is_guess: bool = False
    """Whether other encodings make letters of its bytes, too."""
    identity: str = ""
    """The encoding in which the ids of its rows are made, whatever it is read in."""
    samples: tuple[bytes, ...] = ()
    """Cells that read otherwise in another encoding, the first of each kind."""


class TextScan:
    """Looks at a file's bytes in order: are they text, in which encoding, how many unpacked?

    What a byte order mark says, else UTF-8, else UTF-16 by its zeros, else the 8-bit encoding in
    which the letters make words. Bytes hardly ever make letters of UTF-8 by chance: text with as
    many of them as of damaged bytes is UTF-8, and the damaged rows are refused alone. With `most`,
    a file that holds more bytes than that, unpacked, is Unreadable.
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
        self._unusual = 0
        self._samples: dict[bytes, None] = {}
        self._looked_at = 0

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

    def detection(self) -> Detection:
        """Return the encoding once everything was fed. Raises Unreadable for no text at all."""
        if self._packed is not None and not self._packed.eof:
            raise Unreadable(f"{self._name!r} is packed with gzip, and ends too early.")
        self._check_head()
        if self.bytes == 0:
            raise Unreadable(f"{self._name!r} is empty.")
        wide = _utf_16(self._head)
        if wide:
            return Detection(wide)
        self._count(self._decoder.decode(b"", final=True))
        if self._head.startswith(codecs.BOM_UTF8):
            return Detection("utf-8-sig", identity="utf-8")
        samples = tuple(self._samples)
        if self._foreign > self._accented + self._unusual / _UNUSUAL_WORTH:
            return Detection(rank(samples)[0], True, OLD_EIGHT_BIT, samples)
        return Detection("utf-8-sig", False, "utf-8", samples)

    def _look(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._most is not None and self.bytes > self._most:
            raise Unreadable(f"{self._name!r} holds more than {self._most:,} bytes, unpacked.")
        if len(self._head) < _HEAD:
            self._head += data[: _HEAD - len(self._head)]
            if len(self._head) == _HEAD:
                self._check_head()
        self._count(self._decoder.decode(data))
        if not data.isascii():
            self._take_samples(data)

    def _take_samples(self, data: bytes) -> None:
        """Keep cells that are not ASCII, without what is far from such a byte."""
        end = 0
        while len(self._samples) < _MOST_SAMPLES and self._looked_at < _MOST_LOOKED_AT:
            byte = _NOT_ASCII.search(data, end)
            if byte is None:
                return
            place = byte.start()
            before = _CELL_BEFORE.search(data, max(end, place - _AROUND), place)
            after = _CELL_AFTER.match(data, place, place + _AROUND)
            if before is None or after is None:  # both match nothing, too
                return
            end = after.end()
            self._samples[data[before.start() : end].replace(b"\0", b"").strip()] = None
            self._looked_at += 1

    def _count(self, text: str) -> None:
        if text.isascii():
            return
        foreign = len(UNDECODED.findall(text))
        self._foreign += foreign
        unusual = len(_UNUSUAL.findall(text))
        self._unusual += unusual
        self._accented += len(text) - len(text.encode("ascii", "ignore")) - foreign - unusual

    def _check_head(self) -> None:
        head = self._head
        if _utf_16(head):
            return
        for magic, what in _FOREIGN:
            if head.startswith(magic):
                raise Unreadable(f"{self._name!r} is not a text file but {what}.")
        if head.count(0) * _FEW > len(head):
            raise Unreadable(f"{self._name!r} is not a text file.")
        control = len(head) - len(head.translate(None, _CONTROL))
        if control * 20 > len(head):
            raise Unreadable(f"{self._name!r} is not a text file.")


_FEW = 10
_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f"))


def _utf_16(head: bytes) -> str:
    """UTF-16, if that is what a file begins with: by its mark, or by the zeros of plain letters."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = head.count(0)
    even = head[::2].count(0)
    if zeros * _FEW <= len(head) or max(even, zeros - even) <= zeros * 0.9:
        return ""
    return "utf-16-be" if even * 2 > zeros else "utf-16-le"


def detect_encoding(source: ByteSource) -> Detection:
    """Read a source to its end to know its encoding. Raises Unreadable for no text."""
    scan = TextScan(source.name)
    with source.open() as raw:
        try:
            while data := raw.read(BLOCK):
                scan.feed(data)
        except OSError as error:
            raise Unreadable(f"Cannot read {source.name!r}: {error.strerror or error}.") from error
    return scan.detection()
