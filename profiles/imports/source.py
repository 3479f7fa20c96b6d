"""Reads the bytes of a file, decompresses them, and detects their encoding.

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
"""UTF-8 letters that two bytes of other encodings form by chance, as in capitals (ŻÓŁW)."""
_UNUSUAL_WORTH = 4
"""This number of them weighs as much as one other letter."""
_CELL_BEFORE = re.compile(rb"[^,;|\t\r\n\"]*\Z")
_CELL_AFTER = re.compile(rb"[^,;|\t\r\n\"]*")
_AROUND = 40
_MOST_SAMPLES = 500
_MOST_CELLS = 20_000
OLD_EIGHT_BIT = "cp1252"
"""Versions before 0006 decoded every file that is not UTF with it; row ids hash that text."""
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
    """The file cannot be imported; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(Problem("", "unreadable", message))


class ByteSource(Protocol):
    """A file that can be read several times from its beginning."""

    name: str
    size: int
    """Bytes as stored (compressed, if it is compressed)."""

    def open(self) -> io.RawIOBase:
        """Return a new stream at the file's beginning; its `tell` is the position read so far."""
        ...


class FileSource:
    """A file of this machine. Raises Unreadable if it cannot be read."""

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
def open_decompressed(source: ByteSource) -> Iterator[tuple[BinaryIO, io.RawIOBase]]:
    """Open a source: its bytes, decompressed if they are gzip, and the raw stream below.

    Inside the block, errors of reading and decompressing are raised as Unreadable.
    """
    with source.open() as raw:
        buffered = io.BufferedReader(raw, BLOCK)
        stream: BinaryIO = buffered
        try:
            if buffered.peek(2)[:2] == _GZIP:
                stream = io.BufferedReader(gzip.GzipFile(fileobj=buffered), BLOCK)
            yield stream, raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            fault = "ends too early" if isinstance(error, EOFError) else "is damaged"
            raise Unreadable(f"{source.name!r} is packed with gzip, and {fault}.") from error
        except OSError as error:
            raise Unreadable(f"Cannot read {source.name!r}: {error.strerror or error}.") from error


def check_encoding(name: str) -> str:
    """Return the canonical name of a text encoding. Raises Unreadable for an unknown one."""
    try:
        canonical = codecs.lookup(name).name
        io.TextIOWrapper(io.BytesIO(), encoding=canonical)
    except (LookupError, ValueError):
        raise Unreadable(
            f"There is no encoding {name!r}; try utf-8, utf-16, cp1250 or cp1252."
        ) from None
    return "utf-8-sig" if canonical == "utf-8" else canonical


@dataclass(frozen=True)
class Detection:
    """The encoding of a file, and whether it is certain."""

    encoding: str
    is_guess: bool = False
    """Whether its bytes are letters in other encodings, too."""
    identity: str = ""
    """The encoding in which row ids are computed, whichever the file is decoded with."""
    samples: tuple[bytes, ...] = ()
    """Distinct cells that read otherwise in another encoding."""


class TextScan:
    """Scans a file's bytes in order: whether they are text, in which encoding, and their number.

    The encoding is that of the byte order mark, else UTF-8, else UTF-16 (by its zeros), else the
    8-bit encoding in which the letters form words. Bytes of other encodings seldom form UTF-8
    letters by chance: a text with at least as many of them as invalid bytes is UTF-8, and only
    the damaged rows are rejected. A file with more than `most` bytes, decompressed, is Unreadable.
    """

    def __init__(self, name: str, *, most: int | None = None) -> None:
        self._name = name
        self._most = most
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._decompressor: Any = None
        self._is_started = False
        self.bytes = 0
        """Decompressed."""
        self._foreign = 0
        self._accented = 0
        self._unusual = 0
        self._samples: dict[bytes, None] = {}
        self._cells = 0

    def feed(self, data: bytes) -> None:
        """Scan the next bytes as stored. Raises Unreadable as soon as they are not text."""
        if not self._is_started and data:
            self._is_started = True
            self._decompressor = zlib.decompressobj(wbits=_GZIP_BITS) if data[:2] == _GZIP else None
        if self._decompressor is None:
            self._look(data)
            return
        try:
            while data:
                if self._decompressor.eof:  # another gzip member follows, or padding
                    data = data.lstrip(b"\0")
                    if not data:
                        break
                    self._decompressor = zlib.decompressobj(wbits=_GZIP_BITS)
                self._look(self._decompressor.decompress(data, BLOCK))
                data = self._decompressor.unconsumed_tail or self._decompressor.unused_data
        except zlib.error as error:
            raise Unreadable(f"{self._name!r} is packed with gzip, and is damaged.") from error

    def detection(self) -> Detection:
        """Return the encoding after all bytes were fed. Raises Unreadable if they are not text."""
        if self._decompressor is not None and not self._decompressor.eof:
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
        """Collect cells that are not ASCII, cut to the surroundings of such a byte."""
        end = 0
        while len(self._samples) < _MOST_SAMPLES and self._cells < _MOST_CELLS:
            byte = _NOT_ASCII.search(data, end)
            if byte is None:
                return
            place = byte.start()
            before = _CELL_BEFORE.search(data, max(end, place - _AROUND), place)
            after = _CELL_AFTER.match(data, place, place + _AROUND)
            if before is None or after is None:  # for types only: both always match
                return
            end = after.end()
            self._samples[data[before.start() : end].replace(b"\0", b"").strip()] = None
            self._cells += 1

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
        for magic, description in _FOREIGN:
            if head.startswith(magic):
                raise Unreadable(f"{self._name!r} is not a text file but {description}.")
        if head.count(0) * _FEW > len(head):
            raise Unreadable(f"{self._name!r} is not a text file.")
        control = len(head) - len(head.translate(None, _CONTROL))
        if control * 20 > len(head):
            raise Unreadable(f"{self._name!r} is not a text file.")


_FEW = 10
_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f"))


def _utf_16(head: bytes) -> str:
    """The UTF-16 encoding of a file's head, by its mark or the zeros of ASCII letters, or ""."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = head.count(0)
    even = head[::2].count(0)
    if zeros * _FEW <= len(head) or max(even, zeros - even) <= zeros * 0.9:
        return ""
    return "utf-16-be" if even * 2 > zeros else "utf-16-le"


def detect_encoding(source: ByteSource) -> Detection:
    """Read a source to its end to detect its encoding. Raises Unreadable if it is not text."""
    scan = TextScan(source.name)
    with source.open() as raw:
        try:
            while data := raw.read(BLOCK):
                scan.feed(data)
        except OSError as error:
            raise Unreadable(f"Cannot read {source.name!r}: {error.strerror or error}.") from error
    return scan.detection()
