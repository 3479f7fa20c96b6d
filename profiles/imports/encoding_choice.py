"""The encodings between which a person chooses for an upload, each with letters as it reads them.

An upload keeps in its settings what was detected; the choice is a part of the mapping form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from profiles.imports.encodings import EIGHT_BIT, label_of, rank
from profiles.imports.source import Detection

SHOWN = 8
"""Cells in a preview."""
_FIRST = 4
"""Encodings that are shown at once where the encoding is a guess."""
_COMMON = ("cp1252", "cp1250")
"""What spreadsheets of most countries write: always shown where the encoding is a guess."""
_KEPT = 60
"""Cells of an upload that are kept for the previews."""
_UTF_8 = "utf-8-sig"


@dataclass(frozen=True)
class LetterPreview:
    """How the letters of a file read in one encoding."""

    encoding: str
    label: str
    whose: str
    cells: list[str]
    """U+FFFD stands for bytes that the encoding does not know."""


class Offers(NamedTuple):
    """The encodings to choose from: the chosen one with the likeliest, and the others."""

    first: list[LetterPreview]
    others: list[LetterPreview]


def write_detection(detection: Detection) -> dict[str, Any]:
    """Return what an upload keeps of what was detected."""
    return {
        "encoding": detection.encoding,
        "is_guess": detection.is_guess,
        "identity": detection.identity,
        "samples": [cell.decode("latin-1") for cell in detection.samples[:_KEPT]],
    }


def read_detection(settings: Mapping[str, Any]) -> Detection:
    """Return what was detected; uploads from before 0006 kept the encoding alone."""
    kept = settings.get("detection")
    if kept is None:
        return Detection(settings["encoding"])
    samples = tuple(cell.encode("latin-1") for cell in kept["samples"])
    return Detection(kept["encoding"], kept["is_guess"], kept["identity"], samples)


def chosen(detection: Detection, encoding: str) -> Detection:
    """Return the detection with the encoding that a person chose, if it is one of those offered.

    A guess that was left as it is stays a guess.
    """
    is_offered = detection.samples and encoding in (_UTF_8, *EIGHT_BIT)
    if not is_offered or encoding == detection.encoding:
        return detection
    return replace(detection, encoding=encoding, is_guess=False)


def offers(detected: Detection, encoding: str) -> Offers:
    """Return the encodings to choose from, `encoding` chosen; none if all read alike."""
    if not detected.samples:
        return Offers([], [])
    ranked = rank(detected.samples)
    ranked.insert(len(ranked) if detected.is_guess else 0, _UTF_8)
    likely = [*ranked[:_FIRST], *_COMMON] if detected.is_guess else ranked[:1]
    first = [each for each in dict.fromkeys(likely) if each != encoding]
    others = [each for each in ranked if each not in (encoding, *first)]
    samples = detected.samples[:SHOWN]
    return Offers(
        [_preview(each, samples) for each in (encoding, *first)],
        [_preview(each, samples) for each in others],
    )


def _preview(encoding: str, samples: tuple[bytes, ...]) -> LetterPreview:
    whose = EIGHT_BIT.get(encoding, ("", ""))[1]
    cells = [cell.decode(encoding, "replace") for cell in samples]
    return LetterPreview(encoding, label_of(encoding), _(whose) if whose else "", cells)
