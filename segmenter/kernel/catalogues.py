"""Compiles the catalogues of translations: gettext reads .mo files, the repository keeps .po files.

Called when Django starts, so that no machine needs GNU gettext and no compiled file goes stale.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from polib import pofile

log = logging.getLogger(__name__)


def compile_catalogues(folders: Iterable[str | Path]) -> list[Path]:
    """Compile each catalogue below these folders that changed since then; return the new files.

    Processes may do this at once: a .mo file is replaced as a whole. Where it cannot be written,
    Django goes on with what is there, and the log says so.
    """
    compiled = []
    for folder in folders:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if _is_current(source, target):
                continue
            try:
                _compile(source, target)
            except OSError as error:
                log.warning("The translations of %s cannot be compiled: %s", source, error)
            else:
                compiled.append(target)
    return compiled


def _is_current(source: Path, target: Path) -> bool:
    """Whether the .mo file is of this .po file: it has its time, whichever way files are copied."""
    return target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns


def _compile(source: Path, target: Path) -> None:
    time = source.stat().st_mtime_ns  # before it is read: who writes it meanwhile makes it differ
    content = pofile(str(source), encoding="utf-8").to_binary()
    descriptor, name = tempfile.mkstemp(prefix=target.name, dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.utime(name, ns=(time, time))
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
