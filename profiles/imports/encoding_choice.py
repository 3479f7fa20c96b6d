"""The encodings from which a person chooses for an upload, each with a preview.

The settings of an upload contain the detection; the choice is a part of the mapping form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from profiles.imports.encodings import EIGHT_BIT, label_of, rank
from profiles.imports.source import Detection

PREVIEW_CELLS = 8
"""Cells in a preview."""
_FIRST = 4
"""Encodings that are shown first if the encoding is a guess."""
_COMMON = ("cp1252", "cp1250")
"""Written by spreadsheets of most countries: always shown first if the encoding is a guess."""
_MOST_SAMPLES = 60
"""Cells of an upload that are stored for previews."""
_UTF_8 = "utf-8-sig"


@dataclass(frozen=True)
class LetterPreview:
    """Cells of a file decoded in one encoding."""

    encoding: str
    label: str
    region: str
    cells: list[str]
    """U+FFFD stands for bytes that the encoding does not define."""


class EncodingOptions(NamedTuple):
    """The encodings to choose from: the present one and the likeliest, and the others."""

    first: list[LetterPreview]
    others: list[LetterPreview]


def write_detection(detection: Detection) -> dict[str, Any]:
    """Return a detection as JSON for an upload's settings."""
    return {
        "encoding": detection.encoding,
        "is_guess": detection.is_guess,
        "identity": detection.identity,
        "samples": [cell.decode("latin-1") for cell in detection.samples[:_MOST_SAMPLES]],
    }


def read_detection(settings: Mapping[str, Any]) -> Detection:
    """Return the stored detection; uploads from before migration 0006 have only the encoding."""
    entry = settings.get("detection")
    if entry is None:
        return Detection(settings["encoding"])
    samples = tuple(cell.encode("latin-1") for cell in entry["samples"])
    return Detection(
        entry["encoding"],
        entry["is_guess"],
        entry["identity"],
        samples,
    )


def with_encoding(detection: Detection, encoding: str) -> Detection:
    """Return the detection with the encoding that a person chose, if it is one of the options.

    A guess that was not changed stays a guess.
    """
    is_offered = detection.samples and encoding in (_UTF_8, *EIGHT_BIT)
    if not is_offered or encoding == detection.encoding:
        return detection
    return replace(detection, encoding=encoding, is_guess=False)


def encoding_options(detected: Detection, encoding: str) -> EncodingOptions:
    """Return the encodings to choose from, `encoding` first; none if all decode the file alike."""
    if not detected.samples:
        return EncodingOptions([], [])
    ranked = rank(detected.samples)
    ranked.insert(len(ranked) if detected.is_guess else 0, _UTF_8)
    likely = [*ranked[:_FIRST], *_COMMON] if detected.is_guess else ranked[:1]
    first = [each for each in dict.fromkeys(likely) if each != encoding]
    others = [each for each in ranked if each not in (encoding, *first)]
    samples = detected.samples[:PREVIEW_CELLS]
    return EncodingOptions(
        [_preview(each, samples) for each in (encoding, *first)],
        [_preview(each, samples) for each in others],
    )


def _preview(encoding: str, samples: tuple[bytes, ...]) -> LetterPreview:
    region = EIGHT_BIT.get(encoding, ("", ""))[1]
    cells = [cell.decode(encoding, "replace") for cell in samples]
    return LetterPreview(encoding, label_of(encoding), _(region) if region else "", cells)
