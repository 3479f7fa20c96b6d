"""Log records as one line of limited length, so that requests cannot fill a disk."""

from __future__ import annotations

import logging
from pathlib import Path
from traceback import extract_tb

MOST_BYTES = 280
_MOST_MESSAGE, _MOST_ERROR = 100, 80
_FRAMES = 8


class OneLine(logging.Formatter):
    """Formats a record as one line of at most MOST_BYTES, with the innermost traceback lines.

    `... ERROR django.request Internal Server Error: /x | ValueError: no at views.py:12 < a.py:5`
    """

    def format(self, record: logging.LogRecord) -> str:
        start = f"{self.formatTime(record)} {record.levelname} {record.name} "
        message = _printable(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            message = f"{message[:_MOST_MESSAGE]} | {_printable(_error(error))}"
        return (start + message).encode(errors="replace")[:MOST_BYTES].decode(errors="ignore")


def _error(error: BaseException) -> str:
    places = [f"{Path(f.filename).name}:{f.lineno}" for f in extract_tb(error.__traceback__)]
    about = str(error).partition("\n")[0][:_MOST_ERROR]
    return f"{type(error).__name__}: {about} at {' < '.join(places[::-1][:_FRAMES])}"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text[: 2 * MOST_BYTES])
